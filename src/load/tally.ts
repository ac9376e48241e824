import { nearestRank } from '../signal/reading.ts';

/**
 * Values counted at a resolution of 0.01 (1 above 10 000), so that percentiles of a run of any length need a
 * bounded memory and are still exact at that resolution.
 */
export class Tally {
  readonly #counts = new Map<number, number>();
  #n = 0;

  /** All values of several tallies together. */
  static of(tallies: readonly Tally[]): Tally {
    const all = new Tally();
    for (const tally of tallies) {
      all.#n += tally.#n;
      for (const [key, count] of tally.#counts) all.#counts.set(key, (all.#counts.get(key) ?? 0) + count);
    }
    return all;
  }

  add(value: number): void {
    const key = value < 10_000 ? rounded(value) : Math.round(value);
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    this.#n++;
  }

  get n(): number {
    return this.#n;
  }

  /** Nearest-rank percentile, 0 < p ≤ 100; `null` without values. */
  percentile(p: number): number | null {
    let left = nearestRank(this.#n, p);
    for (const [value, count] of [...this.#counts].toSorted(([a], [b]) => a - b)) {
      left -= count;
      if (left <= 0) return value;
    }
    return null;
  }

  max(): number | null {
    return this.percentile(100);
  }

  min(): number | null {
    return this.#n === 0 ? null : Math.min(...this.#counts.keys());
  }
}

/** To two decimals, as samples are kept. */
export function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
