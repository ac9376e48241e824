/**
 * Nearest-rank percentile: the smallest value that at least `p` percent of the values do not exceed.
 * @param sorted ascending, not empty
 * @param p 0 < p ≤ 100
 */
export function percentile(sorted: ArrayLike<number>, p: number): number {
  return sorted[nearestRank(sorted.length, p) - 1] ?? Number.NaN;
}

/** The rank of a percentile among `n` values, from 1. Counted in whole numbers: 99.9 / 100 * 1,000 is over 999. */
export function nearestRank(n: number, p: number): number {
  return Math.max(1, Math.ceil((Math.round(p * 1e6) * n) / 1e8));
}
