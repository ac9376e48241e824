/** Start of the epoch-aligned, half-open bucket that holds `at`. */
export function bucketStart(at: number, bucketMs: number): number {
  return Math.floor(at / bucketMs) * bucketMs;
}
