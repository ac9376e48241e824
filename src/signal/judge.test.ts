import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import type { SampleBatch, SampleData } from '../event/samples.ts';
import type { SignalSpec } from '../event/specs.ts';
import { band, fires, judge, worstBand, type Judged } from './judge.ts';

const judged = (letters: string): Judged[] =>
  [...letters].map((letter) => ({
    n: letter === '?' ? 0 : 20,
    value: letter === '?' ? null : 1,
    state: letter === 'b' ? 'bad' : letter === '?' ? 'unknown' : 'ok',
  }));

describe('a window of five', () => {
  test.each<[string, boolean]>([
    ['bbbbb', true],
    ['b?bbb', true],
    ['bbb?b', true],
    ['b??bb', false],
    ['?bbbb', false],
    ['bbbb?', false],
    ['bbgbb', false],
    ['bbbb', false],
    ['gbbbbb', true],
    ['', false],
  ])('%s fires: %s', (letters, expected) => {
    expect(fires(judged(letters), 5)).toBe(expected);
  });

  test('never fires on anything but bad ends, no good one and at most one unknown', () => {
    const letters = fc.array(fc.constantFrom('b', 'g', '?'), { minLength: 0, maxLength: 12 });
    fc.assert(
      fc.property(letters, (window) => {
        const last = window.slice(-5).join('');
        expect(fires(judged(window.join('')), 5)).toBe(/^b(bbb|\?bb|b\?b|bb\?)b$/.test(last));
      }),
    );
  });
});

test.each([
  [['good', 'good'], 'good'],
  [['good', 'unknown'], 'unknown'],
  [['unknown', 'hysteresis'], 'hysteresis'],
  [['hysteresis', 'bad', 'good'], 'bad'],
  [[], 'unknown'],
] as const)('the worst of %j is %s', (bands, expected) => {
  expect(worstBand(bands)).toBe(expected);
});

const spec = (over: Partial<SignalSpec>): SignalSpec => ({
  name: 's',
  title: 's',
  requirements: [],
  unit: 'ratio',
  source: 'load',
  minSamples: 20,
  severity: 'SEV-2',
  group: 'service',
  trigger: { statistic: 'rate', comparison: '>', value: 0.02, buckets: 1 },
  inhibits: [],
  ...over,
});
const batches = (data: SampleData): SampleBatch[] => [
  { signal: 's', labels: {}, source: 'load', from: 0, to: 1_000, data },
];
const ratio = (total: number, bad: number): SampleData => ({ kind: 'ratio', total, bad, throttled: 0 });
const values = (n: number, value: number): SampleData => ({
  kind: 'values',
  values: Array.from({ length: n }, () => value),
});
const slow = spec({ unit: 'ms', trigger: { statistic: 'p95', comparison: '>', value: 650, buckets: 5 } });

describe('a bucket', () => {
  test.each<[string, SignalSpec, SampleData, Judged['state']]>([
    ['over a ratio by one failure alone is not bad', spec({}), ratio(30, 1), 'ok'],
    ['over a ratio by two failures is', spec({}), ratio(30, 2), 'bad'],
    ['under a ratio is not', spec({}), ratio(200, 3), 'ok'],
    [
      'of a signal judged by few samples needs no second failure',
      spec({ minSamples: 2 }),
      ratio(2, 1),
      'bad',
    ],
    ['with too few requests is unknown', spec({}), ratio(19, 19), 'unknown'],
    ['with too few samples is unknown', slow, values(19, 900), 'unknown'],
    ['with just enough is known', slow, values(20, 900), 'bad'],
    ['at the threshold is not over it', slow, values(20, 650), 'ok'],
  ])('%s', (_, signal, data, expected) => {
    expect(judge(signal, batches(data)).state).toBe(expected);
  });

  test.each<[number, number, string]>([
    [20, 449, 'good'],
    [20, 450, 'hysteresis'],
    [20, 650, 'hysteresis'],
    [20, 651, 'bad'],
    [19, 100, 'unknown'],
  ])('of %i samples at %i ms is %s', (n, value, expected) => {
    const good = { statistic: 'p95', comparison: '<', value: 450 } as const;
    expect(band(slow, good, batches(values(n, value))).band).toBe(expected);
  });

  test('whose failures stand beside samples of another kind is judged by the failures', () => {
    const both = [...batches(ratio(100, 5)), ...batches(values(3, 900))];
    expect(judge(spec({}), both)).toEqual({ n: 100, value: 0.05, state: 'bad' });
  });

  test('whose samples have no such statistic is unknown, however many there are', () => {
    const rate = { statistic: 'rate', comparison: '<', value: 1, buckets: 1 } as const;
    const odd = spec({ unit: 'ms', trigger: rate });
    expect(judge(odd, batches(values(20, 900)))).toEqual({ n: 20, value: null, state: 'unknown' });
    const found = band(slow, { statistic: 'rate', comparison: '<', value: 1 }, batches(values(20, 100)));
    expect(found).toEqual({ n: 20, value: null, band: 'unknown' });
  });

  test('that nothing is asked of does not fire', () => {
    expect(fires([], 0)).toBe(false);
  });
});
