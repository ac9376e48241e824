import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { happenedIn, loadHappenings } from './count.ts';
import { firstDifference, readable } from './difference.ts';
import { judgedByOracle } from './judge.ts';
import { loadPlantings } from './planted.ts';
import { judgedBySiaga, type Verdict } from './subject.ts';
import { load, type Load } from './world.ts';

const loads = 400;
const often = 3;
// Always the same loads here, so that all of it happens; `npm run oracle` looks at others.
const seed = 11;

describe('the second judge of loads', () => {
  it('agrees with the first on random loads, in which everything happens', { timeout: 120_000 }, async () => {
    const counts = new Map(loadHappenings.map((each) => [each, 0]));
    const agree = async (each: Load) => {
      const first = await judgedBySiaga(each);
      for (const happening of happenedIn(each, first)) counts.set(happening, counts.get(happening)! + 1);
      return firstDifference(first, judgedByOracle(each)) === undefined;
    };
    const found = await fc.check(fc.asyncProperty(load, agree), { numRuns: loads, seed });
    const [counterexample] = found.counterexample ?? [];
    const told = counterexample && (await readable(counterexample));
    expect(told, `seed ${found.seed}`).toBeUndefined();
    expect([...counts].filter(([, count]) => count < often)).toEqual([]);
  });

  it.each(Object.entries(loadPlantings))('finds %s', { timeout: 120_000 }, async (_, planted) => {
    const agree = async (each: Load) =>
      verdictOf(await judgedBySiaga(planted(each))) === verdictOf(judgedByOracle(each));
    const found = await fc.check(fc.asyncProperty(load, agree), { numRuns: 2_000, seed, endOnFailure: true });
    expect(found.failed, `seed ${found.seed}`).toBe(true);
    expect(found.numRuns).toBeLessThanOrEqual(2_000);
  });
});

/** What a planted fault must change: figures alone would be too easy. */
const verdictOf = ({ outcome, broken }: Verdict): string => [outcome, ...broken].join(' ');
