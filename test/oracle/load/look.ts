import fc from 'fast-check';
import { happenedIn, loadHappenings } from './count.ts';
import { firstDifference, readable } from './difference.ts';
import { judgedByOracle } from './judge.ts';
import { judgedBySiaga } from './subject.ts';
import { load, type Load } from './world.ts';

const batch = 100;

/** Looks at one batch of random loads after the other, and counts what happened in them. */
export class LoadLook {
  done = 0;
  differences = 0;
  readonly #seed: number;
  readonly #counts = new Map(loadHappenings.map((each) => [each, 0]));

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** The smallest load of the first batch in which the judges differ, for a person. */
  async next(most: number): Promise<string | undefined> {
    const drawn = { seed: this.#seed + this.done / batch, numRuns: Math.min(batch, most - this.done) };
    const before = this.differences;
    for (const each of fc.sample(load, drawn)) if (!(await this.#agree(each))) this.differences += 1;
    this.done += drawn.numRuns;
    if (before > 0 || this.differences === 0) return undefined;
    const { counterexample } = await fc.check(fc.asyncProperty(load, agreeOn), drawn);
    return counterexample ? `${await readable(counterexample[0])}\nbatch ${drawn.seed}` : undefined;
  }

  get told(): string {
    const counts = [...this.#counts].map(([happening, count]) => `${happening.padEnd(32)} ${count}\n`);
    return `loads ${this.done}, differences ${this.differences}, seed ${this.#seed}\n${counts.join('')}`;
  }

  async #agree(each: Load): Promise<boolean> {
    const first = await judgedBySiaga(each);
    for (const happening of happenedIn(each, first))
      this.#counts.set(happening, this.#counts.get(happening)! + 1);
    return firstDifference(first, judgedByOracle(each)) === undefined;
  }
}

const agreeOn = async (each: Load): Promise<boolean> =>
  firstDifference(await judgedBySiaga(each), judgedByOracle(each)) === undefined;
