/**
 * Nearest-rank percentile: the smallest value that at least `p` percent of the values do not exceed.
 * @param sorted ascending, not empty
 * @param p 0 < p ≤ 100
 */
export function percentile(sorted: ArrayLike<number>, p: number): number {
  const rank = Math.max(1, Math.ceil((p / 100) * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}
