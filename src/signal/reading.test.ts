import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import type { SampleData } from '../event/samples.ts';
import type { Statistic } from '../event/specs.ts';
import { percentile, readingOf } from './reading.ts';

const batch = (data: SampleData) => ({ data });
const values = (...numbers: number[]) => batch({ kind: 'values', values: numbers });
const ratio = (total: number, bad: number, throttled = 0) => batch({ kind: 'ratio', total, bad, throttled });
const histogram = (le: (number | null)[], counts: number[]) => batch({ kind: 'histogram', le, counts });

describe('readingOf', () => {
  test.each<[string, ReturnType<typeof batch>[], Statistic, { n: number; value: number | null }]>([
    ['nothing is unknown', [], 'p95', { n: 0, value: null }],
    ['an empty batch is unknown', [values()], 'p95', { n: 0, value: null }],
    ['percentiles are nearest-rank', [values(1, 2, 3, 4)], 'p50', { n: 4, value: 2 }],
    [
      'batches are merged before, not averaged after',
      [values(1, 1, 1), values(9)],
      'p50',
      { n: 4, value: 1 },
    ],
    ['numbers sort as numbers', [values(10, 9, 100)], 'max', { n: 3, value: 100 }],
    ['the last is the newest', [values(1, 2), values(7, 3)], 'last', { n: 4, value: 3 }],
    ['a ratio over no traffic is unknown, not zero', [ratio(0, 0)], 'rate', { n: 0, value: null }],
    ['a ratio adds up', [ratio(90, 0), ratio(10, 5)], 'rate', { n: 100, value: 0.05 }],
    ['our own 429s are no traffic', [ratio(10, 0, 30)], 'rate', { n: 10, value: 0 }],
    [
      'counters add up',
      [batch({ kind: 'counter', increase: 2 }), batch({ kind: 'counter', increase: 3 })],
      'count',
      { n: 2, value: 5 },
    ],
    [
      'a histogram is interpolated',
      [histogram([100, 200, null], [50, 50, 0])],
      'p75',
      { n: 100, value: 150 },
    ],
    [
      'beyond its last bound a histogram says that bound',
      [histogram([100, null], [0, 10])],
      'p99',
      { n: 10, value: 100 },
    ],
    ['values are counted', [values(5, 7), values(5)], 'count', { n: 3, value: 3 }],
    ['the least is the least', [values(10, 9, 100)], 'min', { n: 3, value: 9 }],
    ['values have no rate', [values(1, 2)], 'rate', { n: 2, value: null }],
    [
      'what another kind of batch says beside the first is not mixed in',
      [values(1, 2), ratio(10, 5)],
      'count',
      { n: 2, value: 2 },
    ],
    [
      'a histogram without samples is unknown',
      [histogram([100, null], [0, 0])],
      'p95',
      { n: 0, value: null },
    ],
    [
      'the samples of a histogram are counted',
      [histogram([100, null], [3, 1]), histogram([100, null], [2, 0])],
      'count',
      { n: 6, value: 6 },
    ],
    ['a histogram has no last value', [histogram([100, null], [3, 1])], 'last', { n: 4, value: null }],
    [
      'in its first bucket a histogram counts from zero',
      [histogram([100, null], [10, 0])],
      'p50',
      { n: 10, value: 50 },
    ],
    [
      'where a bucket ends with the share, it is its end and not the start of the next',
      [histogram([100, 200, 300, null], [50, 0, 50, 0])],
      'p50',
      { n: 100, value: 100 },
    ],
    [
      'an empty bucket is none to count within',
      [histogram([100, 200, null], [0, 10, 0])],
      'p0',
      { n: 10, value: 100 },
    ],
  ])('%s', (_, batches, statistic, expected) => {
    expect(readingOf(batches, statistic)).toEqual(expected);
  });
});

describe('percentile', () => {
  test('is a value of the sample, with at least p percent at or below it and fewer just under', () => {
    const samples = fc.array(fc.double({ noNaN: true, min: 0, max: 1e6 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 100 }), (numbers, p) => {
        const ascending = Float64Array.from(numbers).toSorted();
        const found = percentile(ascending, p);
        const atOrBelow = ascending.filter((value) => value <= found).length;
        const below = ascending.filter((value) => value < found).length;
        expect(ascending).toContain(found);
        expect(atOrBelow * 100).toBeGreaterThanOrEqual(p * ascending.length);
        expect(below * 100).toBeLessThan(p * ascending.length);
      }),
    );
  });
});
