import { describe, expect, test } from 'vitest';
import type { Draft, Journal } from '../event/envelope.ts';
import type { ExitCode } from '../kernel/exit.ts';
import { gate, type GatePart, type OnInconclusive } from './gate.ts';

/** Plays parts whose successive attempts end with these codes, and says which ran how often. */
async function play(
  codes: Partial<Record<GatePart['name'], ExitCode[]>>,
  onInconclusive: OnInconclusive = 'block',
  abortIn?: GatePart['name'],
) {
  const ran: string[] = [];
  const log: Draft[] = [];
  const aborter = new AbortController();
  const parts = (['checks', 'load', 'experiments'] as const).map((name): GatePart => {
    const attempts = [...(codes[name] ?? [0])];
    return {
      name,
      run: () => {
        ran.push(name);
        if (name === abortIn) aborter.abort();
        return Promise.resolve({ exitCode: attempts.shift() ?? 70, reason: `${name} said so` });
      },
    };
  });
  const journal = { append: (draft: Draft) => log.push(draft) } as unknown as Journal;
  const result = await gate(parts, { onInconclusive, journal, signal: aborter.signal });
  return { ...result, ran: ran.join(' '), log };
}

const partsTold = (log: readonly Draft[]) =>
  log.flatMap(({ type, data }) =>
    type === 'gate.part' ? [[data.part, data.outcome, data.reason, data.retried]] : [],
  );
const phasesTold = (log: readonly Draft[]) =>
  log.flatMap(({ type, data }) => (type === 'run.phase' ? [[data.phase, data.part, data.detail]] : []));

/** A gate whose candidate ends by itself while this part runs. */
async function playCandidate(
  endsIn: GatePart['name'],
  codes: Partial<Record<GatePart['name'], ExitCode>> = {},
) {
  const told: string[] = [];
  const ran: string[] = [];
  const append = ({ type, data }: Draft) => {
    if (type === 'gate.part') told.push(`${data.part} ${data.outcome}`);
  };
  let end: string | undefined;
  const parts = (['candidate', 'checks', 'load'] as const).map((name): GatePart => {
    const run = () => {
      ran.push(name);
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
  return { ...result, told, twice: ran.filter((name, index) => ran.indexOf(name) !== index) };
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
    expect(await playCandidate(endsIn, codes)).toEqual({ exitCode: 1, reason, told, twice: [] });
  });

  test('and one that does not come up is never let through', async () => {
    const { exitCode, told, twice } = await playCandidate('experiments', { candidate: 3 });
    expect([exitCode, twice]).toEqual([3, []]);
    expect(told).toEqual(['candidate inconclusive', 'checks not-run', 'load not-run']);
  });
});

const all = 'checks load experiments';

describe('a gate', () => {
  test.each<[string, Parameters<typeof play>, Omit<Awaited<ReturnType<typeof play>>, 'log'>]>([
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
    expect(await play(...arguments_)).toMatchObject(expected);
  });

  test.each<[string, Parameters<typeof play>, readonly unknown[]]>([
    [
      'what was tried twice, and what was not run for it',
      [{ checks: [3, 0], load: [3, 3] }],
      [
        ['checks', 'passed', 'checks said so', true],
        ['load', 'inconclusive', 'load said so', true],
        ['experiments', 'not-run', 'load stayed inconclusive', false],
      ],
    ],
    [
      'what was not run for a failure',
      [{ checks: [1] }],
      [
        ['checks', 'failed', 'checks said so', false],
        ['load', 'not-run', 'checks did not pass', false],
        ['experiments', 'not-run', 'checks did not pass', false],
      ],
    ],
    [
      'a rollback that failed as failed',
      [{ checks: [4] }],
      [['checks', 'failed', 'checks said so', false], expect.anything(), expect.anything()],
    ],
    [
      'what was not run because somebody interrupted it',
      [{}, 'block', 'checks'],
      [
        ['checks', 'passed', 'checks said so', false],
        ['load', 'not-run', 'the gate was interrupted', false],
        ['experiments', 'not-run', 'the gate was interrupted', false],
      ],
    ],
  ])('writes %s', async (_, arguments_, told) => {
    expect(partsTold((await play(...arguments_)).log)).toEqual(told);
  });

  test('writes which part it is at, and why for a second time', async () => {
    expect(phasesTold((await play({ checks: [3, 1] })).log)).toEqual([
      ['checks', 'checks', undefined],
      ['checks', 'checks', 'once more: checks said so'],
    ]);
  });

  test.each<[string, ExitCode[], OnInconclusive, object]>([
    ['in a part that passed', [0], 'block', { exitCode: 130, reason: 'interrupted' }],
    ['in one that is in doubt', [3, 0], 'warn', { exitCode: 130, reason: 'interrupted' }],
    ['in one that failed, which it names', [1], 'block', { exitCode: 1, reason: 'checks said so' }],
  ])('that is interrupted %s is not passed, and tries nothing again', async (_, codes, policy, ending) => {
    const result = await play({ checks: codes }, policy, 'checks');
    expect(result).toMatchObject({ ...ending, ran: 'checks' });
  });
});
