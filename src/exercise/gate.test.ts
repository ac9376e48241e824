import { describe, expect, test } from 'vitest';
import type { Draft, Journal } from '../event/envelope.ts';
import type { ExitCode } from '../kernel/exit.ts';
import { gate, type GatePart, type OnInconclusive } from './gate.ts';

const journal = { append: () => undefined } as unknown as Journal;

/** Plays parts whose successive attempts end with these codes, and says which ran how often. */
async function play(
  codes: Partial<Record<GatePart['name'], ExitCode[]>>,
  onInconclusive: OnInconclusive = 'block',
) {
  const ran: string[] = [];
  const parts = (['checks', 'load', 'experiments'] as const).map((name): GatePart => {
    const attempts = [...(codes[name] ?? [0])];
    return {
      name,
      run: () => {
        ran.push(name);
        return Promise.resolve({ exitCode: attempts.shift() ?? 70, reason: `${name} said so` });
      },
    };
  });
  const result = await gate(parts, { onInconclusive, journal, signal: new AbortController().signal });
  return { exitCode: result.exitCode, reason: result.reason, ran: ran.join(' ') };
}

/** A gate whose candidate ends by itself while this part runs. */
async function playCandidate(
  endsIn: GatePart['name'],
  codes: Partial<Record<GatePart['name'], ExitCode>> = {},
) {
  const told: string[] = [];
  const append = ({ type, data }: Draft) => {
    if (type === 'gate.part') told.push(`${data.part} ${data.outcome}`);
  };
  let end: string | undefined;
  const parts = (['candidate', 'checks', 'load'] as const).map((name): GatePart => {
    const run = () => {
      if (name === endsIn) end = 'the candidate (node app.js) ended by itself: exit code 7';
      const exitCode = codes[name] ?? (name === endsIn && name === 'candidate' ? 1 : 0);
      return Promise.resolve({ exitCode, reason: exitCode === 0 ? '' : (end ?? `${name} said so`) });
    };
    return name === 'candidate' ? { name, once: true, run } : { name, run };
  });
  const result = await gate(parts, {
    onInconclusive: 'warn',
    journal: { append } as unknown as Journal,
    signal: new AbortController().signal,
    candidateEnd: () => end,
  });
  return { ...result, told };
}

describe('row 31: a candidate that ends by itself is red, by name', () => {
  const end = 'the candidate (node app.js) ended by itself: exit code 7';

  test.each<[string, GatePart['name'], Parameters<typeof playCandidate>[1], string, string[]]>([
    ['before it is up', 'candidate', {}, end, ['candidate failed', 'checks not-run', 'load not-run']],
    [
      'while the checks pass, asked of something else',
      'checks',
      {},
      `${end}, at the latest while checks ran`,
      ['candidate passed', 'checks passed', 'candidate failed', 'load not-run'],
    ],
    [
      'while the last part runs',
      'load',
      {},
      `${end}, at the latest while load ran`,
      ['candidate passed', 'checks passed', 'load passed', 'candidate failed'],
    ],
    [
      'and what it took with it is not tried again, nor let through',
      'load',
      { load: 3 },
      `${end}, at the latest while load ran`,
      ['candidate passed', 'checks passed', 'load inconclusive', 'candidate failed'],
    ],
  ])('%s', async (_, endsIn, codes, reason, told) => {
    expect(await playCandidate(endsIn, codes)).toEqual({ exitCode: 1, reason, told });
  });

  test('and one that does not come up is never let through', async () => {
    const { exitCode, told } = await playCandidate('experiments', { candidate: 3 });
    expect(exitCode).toBe(3);
    expect(told).toEqual(['candidate inconclusive', 'checks not-run', 'load not-run']);
  });
});

const all = 'checks load experiments';

describe('a gate', () => {
  test.each<[string, Parameters<typeof play>, Awaited<ReturnType<typeof play>>]>([
    ['passes when every part does', [{}], { exitCode: 0, reason: '', ran: all }],
    [
      'stops at the first failure',
      [{ load: [1] }],
      { exitCode: 1, reason: 'load said so', ran: 'checks load' },
    ],
    [
      'does not retry a failure',
      [{ checks: [1, 0] }],
      { exitCode: 1, reason: 'checks said so', ran: 'checks' },
    ],
    [
      'tries a doubt once more',
      [{ load: [3, 0] }],
      { exitCode: 0, reason: '', ran: 'checks load load experiments' },
    ],
    [
      'blocks on a doubt that stays',
      [{ load: [3, 3] }],
      { exitCode: 3, reason: 'load said so', ran: 'checks load load' },
    ],
    [
      'passes a rollback that failed on as it is',
      [{ experiments: [4] }],
      { exitCode: 4, reason: 'experiments said so', ran: all },
    ],
    [
      'lets a doubt through where that was asked, and says so',
      [{ load: [3, 3] }, 'warn'],
      {
        exitCode: 0,
        reason: 'load inconclusive, let through as asked: load said so',
        ran: 'checks load load experiments',
      },
    ],
    [
      'never lets a failure through',
      [{ load: [3, 1] }, 'warn'],
      { exitCode: 1, reason: 'load said so', ran: 'checks load load' },
    ],
  ])('%s', async (_, arguments_, expected) => {
    expect(await play(...arguments_)).toEqual(expected);
  });
});
