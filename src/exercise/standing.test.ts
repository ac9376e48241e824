import { describe, expect, test } from 'vitest';
import type { Draft } from '../event/envelope.ts';
import type { JudgeSpec } from '../event/specs.ts';
import { check, judge, origin, play, well, type Minute } from '../incident/testing/play.ts';
import type { Ending } from './ending.ts';
import { withIncidents } from './standing.ts';

const repeat = (count: number, shape: Minute): Minute[] => Array.from({ length: count }, () => shape);

describe('hunt 12: what fired in an incident and is not in the project any more', () => {
  const orders = { name: 'orders', title: 'orders', severity: 'SEV-3', core: false, everyMs: 1_000 } as const;
  const with12 = { ...judge, checks: [orders] };
  const without: JudgeSpec = { ...judge, checks: [] };
  const fails: readonly (readonly [number, Draft])[] = [
    [1, check('orders', [], false, {})],
    [5, check('orders', [], false, {})],
  ];
  const opened = play([{ ...well, also: fails }], { spec: with12 }).engine;
  const resumed = { snapshot: opened.snapshot(), minute: 60 };

  test('is named where it recovers: nothing was asked of it', () => {
    expect(opened.incident?.signals).toEqual(['check:orders']);
    const { changes } = play(repeat(20, well), { spec: without, resumed });
    const recovered = changes.flatMap(({ change }) => (change.kind === 'recovered' ? [change] : []));
    expect(recovered).toMatchObject([{ gone: ['check:orders'] }]);
  });

  test('is not there where all of it is', () => {
    const passes = { ...well, also: [[1, check('orders', [], true, {})]] as const };
    const { changes } = play(repeat(20, passes), { spec: with12, resumed });
    expect(changes.at(-1)?.change).toMatchObject({ kind: 'recovered' });
    expect(changes.at(-1)?.change).not.toHaveProperty('gone');
  });

  test.each<[string, number, number, RegExp]>([
    [
      'while it is open',
      1,
      1,
      /^INC-\S+ \(SEV-3\) is open: check:orders; check orders is not in the project/,
    ],
    [
      'and once it is over',
      20,
      0,
      /^INC-\S+ RECOVERED; check orders is not in the project any more: not asked$/,
    ],
  ])('is told by the round %s', (_, minutes, exitCode, reason) => {
    const { engine, log } = play(repeat(minutes, well), { spec: without, resumed });
    const standing = {
      events: log,
      engine,
      judge: without,
      now: origin + 90 * 60_000,
      openBefore: 1,
    } as const;
    const ending = withIncidents({ exitCode: 0, reason: '' }, standing);
    expect(ending).toEqual({ exitCode, reason: expect.stringMatching(reason) });
  });
});

describe('how a run ends beside an incident', () => {
  const { engine, log } = play([well, ...repeat(2, { ...well, down: true })]);
  const id = engine.incident?.id ?? '';
  const open = `${id} (SEV-2) is open: provider.health`;
  const beside = (over: Partial<Parameters<typeof withIncidents>[1]> = {}) => ({
    events: [],
    engine,
    judge,
    now: origin + 90 * 60_000,
    openBefore: 3 as const,
    ...over,
  });
  const drill = { incident: { ...engine.incident!, drill: true } };

  test.each<[string, Ending, ReturnType<typeof beside>, Ending]>([
    ['that was open before', { exitCode: 0, reason: '' }, beside(), { exitCode: 3, reason: open }],
    [
      'that was open before: a round fails by it',
      { exitCode: 3, reason: 'sol: inconclusive' },
      beside({ openBefore: 1 }),
      { exitCode: 1, reason: `${open}; sol: inconclusive` },
    ],
    [
      'that was open before: what failed stays failed',
      { exitCode: 1, reason: 'sol failed' },
      beside(),
      { exitCode: 1, reason: `${open}; sol failed` },
    ],
    [
      'of a drill of its own, which decides nothing',
      { exitCode: 0, reason: '' },
      beside({ engine: drill }),
      { exitCode: 0, reason: '' },
    ],
    [
      'that it declared, with what fired, however it ended itself',
      { exitCode: 3, reason: 'sol: inconclusive' },
      beside({ events: log }),
      {
        exitCode: 1,
        reason: `${id} (SEV-2) declared: provider.health rate 100% (n=20), allowed at most 50%; sol: inconclusive`,
      },
    ],
  ])('%s', (_, ending, standing, expected) => {
    expect(withIncidents(ending, standing)).toEqual(expected);
  });

  test.each([2, 4, 70, 130] as const)('does not hide that it ended with %i', (exitCode) => {
    const ending = { exitCode, reason: 'it could not go on' };
    expect(withIncidents(ending, beside({ events: log }))).toEqual(ending);
  });
});
