import fc from 'fast-check';
import { expect, test } from 'vitest';
import { percentile } from '../signal/reading.ts';
import { rounded, Tally } from './tally.ts';

const tallyOf = (values: readonly number[]) => {
  const tally = new Tally();
  for (const value of values) tally.add(value);
  return tally;
};

test('percentiles are nearest-rank, exact at two decimals', () => {
  const values = fc.array(fc.double({ min: 0, max: 9_999, noNaN: true }), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 100 }), (list, p) => {
      expect(tallyOf(list).percentile(p)).toBe(percentile(Float64Array.from(list, rounded).toSorted(), p));
    }),
  );
});

test('nothing has no percentile', () => {
  expect(new Tally().percentile(95)).toBeNull();
});

test('a value at a limit stays at it', () => {
  expect(tallyOf([650]).percentile(95)).toBe(650);
  expect(tallyOf([650.004]).percentile(95)).toBe(650);
  expect(tallyOf([650.01]).percentile(95)).toBe(650.01);
});

test('suspicious: p99.9 of 1,000 values is the 999th, as everywhere', () => {
  expect(tallyOf(Array.from({ length: 1_000 }, (_, index) => index + 1)).percentile(99.9)).toBe(999);
});
