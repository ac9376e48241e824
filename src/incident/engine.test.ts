import { describe, expect, test } from 'vitest';
import { deriveAll, isDerived } from './engine.ts';
import { judge, minute, play, well, type Minute } from './testing/play.ts';

const repeat = (count: number, shape: Minute): Minute[] => Array.from({ length: count }, () => shape);
const kinds = (minutes: readonly Minute[]) => play(minutes).changes.map(({ kind }) => kind);

describe('a trigger of five minutes', () => {
  const slow = { ...well, p95: 651 };
  test.each<[string, Minute[], string[]]>([
    ['fires after five bad minutes', repeat(5, slow), ['declared']],
    ['does not fire after four', repeat(4, slow), []],
    ['does not fire at exactly the threshold', repeat(9, { ...well, p95: 650 }), []],
    ['does not fire where one minute was well', [...repeat(2, slow), well, ...repeat(2, slow)], []],
    ['fires over one unknown minute', [...repeat(2, slow), { p95: null }, ...repeat(2, slow)], ['declared']],
    ['does not fire over two unknown minutes', [slow, { p95: null }, { p95: null }, ...repeat(2, slow)], []],
    ['does not fire where the newest is unknown', [...repeat(4, slow), { p95: null }], []],
    ['needs two failures in a ratio', repeat(6, { ...well, errors: 1 }), []],
    ['fires on a ratio over two percent', repeat(5, { ...well, errors: 3 }), ['declared']],
  ])('%s', (_, minutes, expected) => {
    expect(kinds(minutes)).toEqual(expected);
  });
});

test.each([3, 5, 7])('a trigger of %i minutes is told with figures of as many', (buckets) => {
  const signals = judge.signals.map((each) => ({ ...each, trigger: { ...each.trigger, buckets } }));
  const slow = { ...well, p95: 651 };
  const [declared] = play([...repeat(9, well), ...repeat(buckets, slow)], {
    spec: { ...judge, signals },
  }).changes;
  expect(declared?.change).toMatchObject({ symptoms: { windowMs: buckets * minute, n: buckets * 100 } });
});

describe('recovery', () => {
  const down = { ...well, down: true, fallback: true };
  const outage = [well, down, down];

  test('a fallback inside the thresholds is mitigated, never recovered', () => {
    expect(kinds([...outage, ...repeat(20, { ...well, down: true, fallback: true })])).toEqual([
      'declared',
      'mitigated',
    ]);
  });

  test('ten good minutes after the fallback is off, then the contract checks, are recovered', () => {
    const { changes } = play([...outage, ...repeat(13, well)]);
    expect(changes.map(({ kind }) => kind)).toEqual([
      'declared',
      'mitigated',
      'restored',
      'verifying',
      'recovered',
    ]);
    const restored = changes[2];
    const verifying = changes[3];
    expect((verifying?.minute ?? 0) - (restored?.minute ?? 0)).toBe(11);
  });

  test('500 ms more in the ninth minute alone starts the count over', () => {
    const between = { ...well, p95: 600 };
    const minutes = [...outage, ...repeat(10, well), between, ...repeat(9, well)];
    const { changes } = play(minutes);
    expect(changes.map(({ kind }) => kind)).toEqual(['declared', 'mitigated', 'restored', 'hold-reset']);
    expect(kinds([...minutes, ...repeat(2, well)])).toContain('recovered');
  });

  test('an unknown minute freezes the count, three in a row start it over', () => {
    const blind = { p95: null };
    expect(kinds([...outage, ...repeat(7, well), blind, blind, ...repeat(6, well)])).toContain('recovered');
    expect(kinds([...outage, ...repeat(7, well), blind, blind, blind, ...repeat(6, well)])).not.toContain(
      'recovered',
    );
  });

  test('toggles that are not normal keep the clock from starting until they are read back', () => {
    const contained = { ...well, fallback: true, toggles: ['FEATURE_COINAPI_ENABLED'] };
    const kindsSeen = kinds([...outage, ...repeat(9, contained)]);
    expect(kindsSeen).toEqual(['declared', 'mitigated', 'restore-proposed']);
    expect(kinds([...outage, ...repeat(7, contained), ...repeat(13, well)]).at(-1)).toBe('recovered');
  });

  test('a toggle left changed after the restore never recovers', () => {
    const left = { ...well, toggles: ['SCREENER_TTL_SECONDS'] };
    expect(kinds([...outage, ...repeat(40, left)])).not.toContain('recovered');
  });

  test.each<[string, Minute]>([
    ['the fallback', { ...well, fallback: true }],
    ['a toggle', { ...well, toggles: ['FEATURE_DEGRADED_MODE'] }],
  ])('%s coming back in the middle of the hold is MITIGATED again', (_, back) => {
    const { changes } = play([...outage, ...repeat(6, well), ...repeat(3, back), ...repeat(8, well)]);
    const seen = changes.map(({ kind }) => kind);
    expect(seen.slice(0, 4)).toEqual(['declared', 'mitigated', 'restored', 'worsened']);
    expect(seen).not.toContain('recovered');
  });

  test('a failing contract check keeps VERIFY (R27)', () => {
    const failing = { ...well, checks: 'failed' } as const;
    const seen = kinds([...outage, ...repeat(14, failing)]);
    expect(seen).toContain('verify-failed');
    expect(seen).not.toContain('recovered');
  });

  test('recovered tells each criterion: what was found, what is allowed, and the events that show it', () => {
    const gone = { ...down, gauges: { 'redis.up': 0 } };
    const { changes, log } = play([well, gone, gone, ...repeat(15, { ...well, gauges: { 'redis.up': 1 } })]);
    const change = changes.at(-1)?.change;
    if (change?.kind !== 'recovered') throw new Error('not recovered');
    expect(change.criteria.map(({ kind, name, got, allowed }) => [kind, name, got, allowed])).toEqual([
      ['signal', 'REST p95', '100 ms (n=250)', 'p95 < 450 ms'],
      ['signal', 'REST error rate', '0% (n=1000)', 'rate < 1%'],
      ['signal', 'WebSocket round-trip p95', '40 ms (n=250)', 'p95 < 250 ms'],
      ['signal', 'Data freshness', '500 ms (n=250)', 'p95 < 3 s'],
      ['signal', 'CoinAPI says down', 'rate 0% (n=200)', 'at most 50%'],
      ['signal', 'Cache reachable', 'max 1 (n=10)', 'at least 1'],
      [
        'whole-hold',
        'rest.errors over the whole hold',
        '0% of 1000 requests',
        'rate < 1% of at least 100 requests',
      ],
      ['check', 'contract check pairs', 'passed', 'passed'],
      ['check', 'contract check sol', 'passed', 'passed'],
      [
        'configuration',
        'fallback off, configuration normal',
        'normal',
        'fallback off and every toggle at its normal value',
      ],
    ]);
    const cited = change.criteria.map(({ evidence, met }) => [
      met,
      evidence.length,
      ...new Set(evidence.map((seq) => log.find((event) => event.seq === seq)?.type)),
    ]);
    const samples = [true, 10, 'samples'];
    const answer = [true, 1, 'check.finished'];
    expect(cited).toEqual([...Array.from({ length: 7 }, () => samples), answer, answer, expect.anything()]);
    expect(cited.at(-1)).toEqual([true, expect.any(Number), 'check.finished', 'toggle.read']);
  });

  test('its name tells when it began, so that it is found again', () => {
    const [declared] = play(outage).changes;
    expect(declared?.incident).toMatch(/^INC-20250219-2122-[0-9a-z]{4}$/);
  });

  test('a trigger within thirty minutes after it reopens the same incident', () => {
    const { changes } = play([...outage, ...repeat(13, well), down, down]);
    expect(changes.map(({ kind }) => kind)).toContain('reopened');
    expect(new Set(changes.map(({ incident }) => incident)).size).toBe(1);
  });
});

describe('the next part of a drill', () => {
  const down = { ...well, down: true, fallback: true };
  const twice = [well, down, down, ...repeat(14, well), down, down];
  const seen = (options: Parameters<typeof play>[1]) => play(twice, options).changes.map(({ kind }) => kind);

  test('has an incident of its own', () => {
    expect(seen({ drill: true, phaseAt: 16 })).not.toContain('reopened');
  });

  test('does not begin while the incident of the part before is open', () => {
    expect(seen({ drill: true, phaseAt: 4 })).toContain('reopened');
  });

  test('does not exist in real life', () => {
    expect(seen({ phaseAt: 16 })).toContain('reopened');
  });
});

describe('the log', () => {
  test('judged again without its transitions gives the same transitions', () => {
    const { log } = play([well, { ...well, down: true, fallback: true }, ...repeat(14, well)]);
    const again = deriveAll(log.filter((event) => !isDerived(event)));
    const recorded = log.filter(isDerived).map(({ type, data }) => ({ type, data }));
    expect(JSON.stringify(again)).toBe(JSON.stringify(recorded));
  });
});
