import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { happened, happenings, type Happening } from './count.ts';
import { firstDifference, readable } from './difference.ts';
import { judgedByOracle } from './judge.ts';
import { judgedBySiaga } from './subject.ts';
import { plantings } from './planted.ts';
import { world, type World } from './world.ts';

const worlds = 500;
// One seed until 20,000 worlds agree; SIAGA_ORACLE_SEED asks for another, and `npm run oracle` draws its own.
const seed = Number(process.env['SIAGA_ORACLE_SEED'] ?? 1);

describe('the second judge', () => {
  it(
    'agrees with the first on random worlds, in which everything happens',
    { timeout: 120_000 },
    async () => {
      const seen = new Set<Happening>();
      const agree = async (each: World) => {
        const first = await judgedBySiaga(each);
        for (const happening of happened(first)) seen.add(happening);
        return firstDifference(first, judgedByOracle(each)) === undefined;
      };
      const found = await fc.check(fc.asyncProperty(world, agree), { numRuns: worlds, seed });
      const [counterexample] = found.counterexample ?? [];
      const told = counterexample && (await readable(counterexample));
      expect(told, `seed ${found.seed}`).toBeUndefined();
      expect(happenings.filter((each) => !seen.has(each))).toEqual([]);
    },
  );

  it.each(Object.entries(plantings))('finds %s', { timeout: 120_000 }, async (_, planted) => {
    const agree = async (each: World) =>
      firstDifference(await judgedBySiaga(planted(each)), judgedByOracle(each)) === undefined;
    const found = await fc.check(fc.asyncProperty(world, agree), { numRuns: 2_000, endOnFailure: true });
    expect(found.failed).toBe(true);
    expect(found.numRuns).toBeLessThanOrEqual(2_000);
  });
});
