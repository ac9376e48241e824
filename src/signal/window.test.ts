import { expect, test } from 'vitest';
import { windowMs, windowOf } from './window.ts';

test.each([
  [2_000, 1_000],
  [12_000, 1_000],
  [24_000, 2_000],
  [35_999, 2_000],
  [60_000, 5_000],
  [300_000, 5_000],
])('samples of a bucket of %i ms are written in windows of %i ms', (bucketMs, expected) => {
  expect(windowMs(bucketMs)).toBe(expected);
});

test.each([
  ['begins and ends with the epoch’s windows', 61_500, 60_000, 5_000, { from: 60_000, to: 65_000 }],
  ['holds its own beginning, not its end', 65_000, 60_000, 5_000, { from: 65_000, to: 70_000 }],
  ['is cut where its bucket begins', 7_500, 7_000, 5_000, { from: 7_000, to: 10_000 }],
  ['is cut where its bucket ends', 13_500, 7_000, 5_000, { from: 10_000, to: 14_000 }],
])('a window %s', (_, at, bucketMs, lengthMs, expected) => {
  expect(windowOf(at, bucketMs, lengthMs)).toEqual(expected);
});

test('a window is as long as its bucket asks for', () => {
  expect(windowOf(61_500, 60_000)).toEqual({ from: 60_000, to: 65_000 });
});
