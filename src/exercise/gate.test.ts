import { describe, expect, test } from 'vitest';
import type { Journal } from '../event/envelope.ts';
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
