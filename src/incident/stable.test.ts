import { describe, expect, test } from 'vitest';
import { createEngine, deriveAll, isDerived } from './engine.ts';
import { handOverWords, inHand } from './stable.ts';
import { judge, minute, origin, play, well, type Minute } from './testing/play.ts';

const repeat = (count: number, shape: Minute): Minute[] => Array.from({ length: count }, () => shape);
const onFallback: Minute = { ...well, down: true, fallback: true };
const bad: Minute = { ...onFallback, p95: 900 };
const blind: Minute = { ...onFallback, p95: null };
const contained: Minute = { ...well, fallback: true, toggles: ['FEATURE_COINAPI_ENABLED'] };
const cacheless: Minute = { ...onFallback, gauges: { 'redis.up': 0 } };
const cached: Minute = { ...onFallback, gauges: { 'redis.up': 1 } };
const hours = 120;

const kinds = (minutes: readonly Minute[]) => play([well, ...minutes]).changes.map(({ kind }) => kind);
const after = (seen: readonly string[]) => seen.slice(seen.indexOf('mitigated-stable'));

describe('a fallback that lasts two hours', () => {
  const long = repeat(hours + 2, onFallback);

  test('is MITIGATED-STABLE: an owner from the runbook, a review date, and that once', () => {
    const { changes } = play([well, ...long, ...repeat(60, onFallback)]);
    expect(changes.map(({ kind }) => kind)).toEqual(['declared', 'mitigated', 'mitigated-stable']);
    const [, mitigated, stable] = changes;
    expect(stable?.effectiveAt).toBe((mitigated?.effectiveAt ?? 0) + hours * minute);
    expect(stable?.change).toMatchObject({
      because: 'the fallback is active',
      owner: { role: 'owner', name: 'Incident Owner' },
      since: mitigated?.effectiveAt,
      reviewAt: (stable?.effectiveAt ?? 0) + 24 * 60 * minute,
      symptoms: { p95: 100, errorRatio: 0 },
    });
  });

  test.each<[string, Minute[], string[]]>([
    ['a minute less is not', repeat(hours + 1, onFallback), ['declared', 'mitigated']],
    [
      'an unknown minute waits for the next known one',
      [...repeat(hours + 1, onFallback), blind, onFallback],
      ['declared', 'mitigated', 'mitigated-stable'],
    ],
    ['an unknown minute is not either', [...repeat(hours + 1, onFallback), blind], ['declared', 'mitigated']],
    [
      'a bad minute before it starts the two hours anew',
      [...repeat(hours, onFallback), bad, ...repeat(hours, onFallback)],
      ['declared', 'mitigated', 'worsened', 'mitigated'],
    ],
    [
      'a minute in which one criterion is unknown and another one neither good nor bad is not either',
      [...repeat(hours + 1, onFallback), { ...onFallback, p95: 500, requests: 2 }],
      ['declared', 'mitigated'],
    ],
    [
      'a minute in which a signal fires again is told of that alone',
      [cacheless, ...repeat(hours, cached), cacheless],
      ['declared', 'signal-joined', 'mitigated', 'worsened'],
    ],
    [
      'a restore that was proposed and not done is none the less',
      [onFallback, ...repeat(hours + 2, contained)],
      ['declared', 'mitigated', 'restore-proposed', 'mitigated-stable'],
    ],
  ])('%s', (_, minutes, expected) => {
    expect(kinds(minutes)).toEqual(expected);
  });

  test.each<[string, Minute[], string[]]>([
    [
      'the restore goes the normal way to RECOVERED',
      [...repeat(5, contained), ...repeat(13, well)],
      ['mitigated-stable', 'restore-proposed', 'restored', 'verifying', 'recovered'],
    ],
    ['a bad minute is DEGRADED again', [bad, onFallback], ['mitigated-stable', 'worsened', 'mitigated']],
    [
      'a trigger that joins is DEGRADED again',
      [{ ...onFallback, gauges: { 'redis.up': 0 } }, onFallback],
      ['mitigated-stable', 'signal-joined', 'worsened', 'mitigated'],
    ],
    [
      'a trigger that is explained by what fired before is not',
      repeat(3, { ...onFallback, gauges: { 'breaker.state': 2 } }),
      ['mitigated-stable', 'signal-joined'],
    ],
    [
      'being hard down is DEGRADED again, each time',
      [
        ...repeat(2, { ...onFallback, ready: false }),
        ...repeat(hours + 2, { ...onFallback, ready: true }),
        ...repeat(2, { ...onFallback, ready: false }),
      ],
      ['mitigated-stable', 'signal-joined', 'worsened', 'mitigated', 'mitigated-stable', 'worsened'],
    ],
    [
      'hysteresis and unknown minutes are nothing to page for',
      [{ ...onFallback, p95: 600 }, blind, blind, blind],
      ['mitigated-stable'],
    ],
  ])('then %s', (_, minutes, expected) => {
    expect(after(kinds([...long, ...minutes]))).toEqual(expected);
  });

  test('one that got worse at the end of a minute is MITIGATED by the next at the earliest', () => {
    const { changes } = play([well, ...long, { ...onFallback, gauges: { 'redis.up': 0 } }, onFallback]);
    const [joined, worse, mitigated] = changes.slice(-3);
    expect([joined?.kind, worse?.kind, mitigated?.kind]).toEqual(['signal-joined', 'worsened', 'mitigated']);
    expect((mitigated?.effectiveAt ?? 0) - (worse?.effectiveAt ?? 0)).toBe(minute);
  });

  test('is not, while anything says that the system is down', () => {
    expect(kinds(repeat(hours + 9, { ...onFallback, ready: false }))).not.toContain('mitigated-stable');
  });

  test('pages again when it is worse, with what it is judged by', () => {
    const { changes, log } = play([well, ...long, bad]);
    const change = changes.at(-1)?.change;
    if (change?.kind !== 'worsened') throw new Error('not worse');
    expect(change.page).toMatchObject({
      severity: 'SEV-2',
      by: { signal: 'rest.latency', got: 'p95 900 ms (n=25)' },
    });
    const cited = log.filter(({ seq }) => change.page?.by.evidence.includes(seq) ?? false);
    expect(cited.map(({ type }) => type)).toEqual(['samples']);
  });

  test('does not page for what is worse before anybody was promised silence', () => {
    const { changes } = play([well, onFallback, onFallback, bad]);
    const change = changes.at(-1)?.change;
    expect(change).toMatchObject({ kind: 'worsened', because: 'over the threshold again: rest.latency' });
    expect(change).not.toHaveProperty('page');
  });

  test('is judged again the same', () => {
    const { log } = play([well, ...long, bad, onFallback]);
    const again = deriveAll(log.filter((event) => !isDerived(event)));
    const recorded = log.filter(isDerived).map(({ type, data }) => ({ type, data }));
    expect(JSON.stringify(again)).toBe(JSON.stringify(recorded));
  });

  test('goes on after a restart, without being handed over twice', () => {
    const { log } = play([well, ...long]);
    const engine = createEngine();
    for (const event of log) engine.step(event);
    const snapshot = engine.snapshot();
    const { changes } = play(repeat(60, onFallback), { resumed: { snapshot, minute: long.length + 1 } });
    expect(changes).toEqual([]);
  });
});

describe('whose hands it is in', () => {
  const stable = { owner: { role: 'ops', name: 'Ops' }, since: origin, reviewAt: origin + minute };
  const incident = {
    phase: { name: 'mitigated', providerGood: 0, fallback: { since: origin, stable } },
  } as never;

  test.each([
    ['before its review', origin, stable],
    ['once its review is due', origin + minute, undefined],
  ])('%s', (_, now, expected) => {
    expect(inHand(incident, now)).toEqual(expected);
  });

  test('is said in the zone of the runbook', () => {
    expect(handOverWords(stable, judge)).toBe('owned by Ops (ops), review by 2025-02-20 04:21 WIB');
  });
});
