import { bucketStart } from './bucket.ts';

const second = 1_000;

/**
 * Longest window of one batch of samples: a twelfth of a bucket in whole seconds, one at least and five at most.
 * A run at full length writes a fifth of the events then, and still a dozen a bucket.
 */
export function windowMs(bucketMs: number): number {
  return Math.min(5, Math.max(1, Math.floor(bucketMs / 12 / second))) * second;
}

/** The epoch-aligned window of an instant, cut at the edges of its bucket. */
export function windowOf(
  at: number,
  bucketMs: number,
  lengthMs: number = windowMs(bucketMs),
): { readonly from: number; readonly to: number } {
  const bucket = bucketStart(at, bucketMs);
  const start = Math.floor(at / lengthMs) * lengthMs;
  return { from: Math.max(bucket, start), to: Math.min(bucket + bucketMs, start + lengthMs) };
}
