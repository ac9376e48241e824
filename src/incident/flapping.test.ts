import { describe, expect, test } from 'vitest';
import type { SiagaEvent } from '../event/envelope.ts';
import { createEngine, deriveAll, isDerived } from './engine.ts';
import { changesOf, judge, minute, origin, play, well, type Minute } from './testing/play.ts';

const repeat = (count: number, shape: Minute): Minute[] => Array.from({ length: count }, () => shape);
const down: Minute = { ...well, down: true, fallback: true };
const bad: Minute = { ...down, p95: 900 };
/** Declared, recovered after the usual hold, and down again. */
const thrice = [well, down, down, ...repeat(14, well), down, down];

/** Well for a hold of so many minutes, and down again. */
const relapse = (hold: number): Minute[] => [...repeat(hold + 4, well), down, down];
/** So many good minutes, each after an unknown one. */
const held = (count: number): Minute[] =>
  repeat(count, well).flatMap((minuteOf) => [{ p95: null }, minuteOf]);

type Changes = ReturnType<typeof changesOf>;
const holds = (changes: Changes) =>
  changes.flatMap(({ change }) => (change.kind === 'flapping' ? [change.holdBuckets] : []));
const digests = (changes: Changes) =>
  changes.flatMap(({ change, effectiveAt }) =>
    change.kind === 'digest' ? [{ ...change, effectiveAt }] : [],
  );
const minutesOf = (changes: Changes) => {
  const begun = changes.find(({ kind }) => kind === 'flapping')?.effectiveAt ?? 0;
  return digests(changes).map(({ effectiveAt }) => (effectiveAt - begun) / minute);
};

/** The same minutes judged by two engines: the second one takes over where the first one was after so many. */
function interrupted(log: readonly SiagaEvent[], minutes: number): Changes {
  const [start, ...rest] = log.filter((event) => !isDerived(event));
  if (start === undefined) return [];
  const cut = origin + minutes * minute;
  const [first, second] = [createEngine(), createEngine()];
  const before = rest.filter(({ at }) => at < cut);
  const drafts = [start, ...before].flatMap((event) => first.step(event));
  const resumed = { type: 'incident.resumed', data: { gapMs: 0, snapshot: first.snapshot() } };
  const later = [{ ...start, at: cut }, { ...start, at: cut, ...resumed } as SiagaEvent];
  drafts.push(...[...later, ...rest.filter(({ at }) => at >= cut)].flatMap((event) => second.step(event)));
  return changesOf(drafts as unknown as readonly SiagaEvent[]);
}

describe('three changes within the hour', () => {
  test('are flapping: the opening is told by a digest, the hold doubles', () => {
    const { changes } = play(thrice);
    const [opening, flapping] = changes.slice(changes.findIndex(({ kind }) => kind === 'reopened'));
    expect(opening).toMatchObject({ change: { kind: 'reopened', digested: true } });
    expect(flapping?.change).toEqual({
      kind: 'flapping',
      holdBuckets: 20,
      since: changes[0]?.effectiveAt,
      changes: 3,
      digestMs: 15 * minute,
    });
  });

  test('need a hold twice as long, which ends it', () => {
    const { changes } = play([...thrice, ...repeat(30, well)]);
    const last = changes.slice(changes.findLastIndex(({ kind }) => kind === 'restored'));
    expect(last.at(-1)?.kind).toBe('recovered');
    expect(Math.floor(((last.at(-1)?.effectiveAt ?? 0) - (last[0]?.effectiveAt ?? 0)) / minute)).toBe(21);
  });

  test('again after that double it once more, and never beyond forty', () => {
    const minutes = [...thrice, ...relapse(20), ...relapse(40), ...relapse(40)];
    expect(holds(play(minutes).changes)).toEqual([20, 40, 40, 40]);
  });

  test('judge the whole of the long hold, however often it stood still', () => {
    const { changes } = play([...thrice, ...repeat(24, well), down, down, ...held(46)]);
    const change = changes.at(-1)?.change;
    if (change?.kind !== 'recovered') throw new Error('not recovered');
    const whole = change.criteria.find(({ name }) => name.endsWith('over the whole hold'));
    expect(whole?.got).toBe('0% of 4000 requests');
  });

  test('that are longer apart are none', () => {
    const { changes } = play([well, down, down, ...repeat(60, well), down, down]);
    expect(changes.map(({ kind }) => kind)).not.toContain('flapping');
  });
});

describe('while it is flapping', () => {
  const bout = [bad, down, ...repeat(6, well)];
  const minutes = [...thrice, ...bout, ...bout, ...bout, ...bout];

  test('there is one digest each fifteen minutes, where anything happened', () => {
    const { changes } = play(minutes);
    expect(minutesOf(changes)).toEqual([15, 30]);
    expect(digests(changes)[0]).toMatchObject({ stand: 'RECOVERING', holdBuckets: 20, symptoms: { n: 500 } });
  });

  test('there is none for fifteen minutes in which nothing happened, and then one at once', () => {
    const { changes } = play([...thrice, ...repeat(30, down), bad, down]);
    expect(minutesOf(changes)).toEqual([15, 32]);
  });

  test('there is none of what is MITIGATED-STABLE', () => {
    const { changes } = play([...thrice, ...repeat(200, down)]);
    expect(changes.at(-1)?.kind).toBe('mitigated-stable');
  });

  test('there is none after it has recovered', () => {
    const { changes } = play([...thrice, ...repeat(60, well)]);
    expect(changes.at(-1)?.kind).toBe('recovered');
  });

  test('a restart neither repeats a digest nor forgets that one is due', () => {
    const { log, changes } = play([...thrice, ...repeat(30, down), bad, down, down]);
    for (const cut of [21, 28, 40])
      expect([cut, minutesOf(interrupted(log, cut))]).toEqual([cut, minutesOf(changes)]);
  });

  test('it is judged again the same', () => {
    const { log } = play([...minutes, ...repeat(30, well)]);
    const again = deriveAll(log.filter((event) => !isDerived(event)));
    const recorded = log.filter(isDerived).map(({ type, data }) => ({ type, data }));
    expect(JSON.stringify(again)).toBe(JSON.stringify(recorded));
  });
});

test('a judge from before there were digests tells each change by itself, and doubles once', () => {
  const { transitions, withinMs, maxHoldBuckets } = judge.flapping;
  const spec = { ...judge, flapping: { transitions, withinMs, maxHoldBuckets } };
  const { changes } = play([...thrice, ...repeat(24, well), down, down, ...repeat(20, down), bad], { spec });
  expect(changes.flatMap(({ change }) => (change.kind === 'flapping' ? [change] : []))).toEqual([
    { kind: 'flapping', holdBuckets: 20 },
    { kind: 'flapping', holdBuckets: 20 },
  ]);
  expect(digests(changes)).toEqual([]);
  expect(changes.some(({ change }) => 'digested' in change)).toBe(false);
});
