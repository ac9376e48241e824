import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { firstDue, following, intervalOf, latenessOf } from './schedule.ts';

describe('the run after one that was due at 10 s, every second', () => {
  test.each([
    ['ended soon: at the next planned time', 10_200, 11_000, 0],
    ['ended at the next planned time: then', 11_000, 11_000, 0],
    ['ended a little past it: at once, nothing skipped', 11_300, 11_000, 0],
    ['hung over three planned times: the latest, two skipped', 13_100, 13_000, 2],
  ])('%s', (_name, ended, due, skipped) => {
    expect(following(10_000, ended, 1_000)).toEqual({ due, skipped });
  });

  test('never leaves the grid, never goes back, and accounts for every planned run', () => {
    const run = fc.record({
      due: fc.integer({ min: 0, max: 1e6 }),
      took: fc.integer({ min: 0, max: 1e5 }),
      every: fc.integer({ min: 1, max: 5_000 }),
    });
    fc.assert(
      fc.property(run, ({ due, took, every }) => {
        const next = following(due, due + took, every);
        expect(next.due).toBe(due + (next.skipped + 1) * every);
        expect(next.skipped).toBeGreaterThanOrEqual(0);
        expect(next.due).toBeGreaterThan(due + took - every);
      }),
    );
  });
});

describe('lateness is ours only', () => {
  test.each([
    ['on time', 1_000, 500, 1_000, 0],
    ['a timer that came late', 1_000, 500, 1_080, 80],
    ['waiting for its own last run is the target’s', 1_000, 1_700, 1_700, 0],
    ['waiting for a slot after that is ours', 1_000, 1_700, 1_750, 50],
    ['a timer that came early', 1_000, 500, 999.9, 0],
  ])('%s', (_name, due, freeSince, began, late) => {
    expect(latenessOf(due, freeSince, began)).toBe(late);
  });
});

test('lanes begin spread over a second, or over their interval where that is shorter', () => {
  expect([0, 1, 2, 3].map((index) => firstDue(100, 60_000, index, 4))).toEqual([100, 350, 600, 850]);
  expect([0, 1, 2, 3].map((index) => firstDue(100, 80, index, 4))).toEqual([100, 120, 140, 160]);
});

test.each([
  [{ every: '1s' } as const, 1_000],
  [{ every: '1m', maxPerHour: 6 } as const, 600_000],
  [{ every: '1h', maxPerHour: 6 } as const, 3_600_000],
])('%j runs every %i ms', (check, ms) => {
  expect(intervalOf(check)).toBe(ms);
});
