import { describe, expect, test } from 'vitest';
import type { Draft } from '../event/envelope.ts';
import type { JudgeSpec } from '../event/specs.ts';
import { check, judge, origin, play, well, type Minute } from '../incident/testing/play.ts';
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
