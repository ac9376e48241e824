import { expect, test } from 'vitest';
import { nearestRank, percentile } from './reading.ts';

const upTo = (n: number) => Array.from({ length: n }, (_, index) => index + 1);

test.each([
  [1_000, 99.9, 999],
  [2_000, 99.9, 1_998],
  [100, 95, 95],
  [101, 95, 96],
  [1_000, 99.99, 1_000],
  [7, 14.3, 2],
  [10, 100, 10],
  [3, 0.1, 1],
])('suspicious: among %i values p%d is the one of rank %i, not one above it', (n, p, rank) => {
  expect(nearestRank(n, p)).toBe(rank);
  expect(percentile(upTo(n), p)).toBe(rank);
});

test('suspicious: no percentile of up to 5,000 values is a rank high', () => {
  for (const tenths of [500, 900, 950, 990, 995, 999]) {
    for (let n = 1; n <= 5_000; n++)
      expect(nearestRank(n, tenths / 10)).toBe(Math.max(1, Math.ceil((tenths * n) / 1_000)));
  }
});
