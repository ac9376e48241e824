import { bucketStart } from '../../signal/bucket.ts';

/** How much of a stage is known. */
export interface Coverage {
  /** @param until UTC ms, the end of the stage or of a deadline; `undefined` where nothing was due by then. */
  share(until: number): Share | undefined;
  /** Whether this instant, UTC ms, lies in what is known. */
  knew(at: number): boolean;
}

export interface Share {
  readonly knownMs: number;
  readonly ofMs: number;
}

// One observation in two may come half an interval late before the time between is unknown.
const patience = 1.5;

/** Observations that are due again and again: each makes the time since the one before it known. */
export class PacedCoverage implements Coverage {
  readonly #since: number;
  readonly #dueMs: number;
  readonly #gaps: (readonly [from: number, to: number])[] = [];
  #knownMs = 0;
  #last: number;

  /** @param dueMs time between two observations as planned. */
  constructor(since: number, dueMs: number) {
    this.#since = since;
    this.#dueMs = dueMs;
    this.#last = since;
  }

  /** @param from when the observation began, @param to when it ended; UTC ms. */
  add(from: number, to: number): void {
    const gapMs = Math.max(0, from - this.#last);
    const kept = gapMs <= patience * this.#dueMs;
    if (!kept) this.#gaps.push([this.#last, from]);
    this.#knownMs += (kept ? gapMs : this.#dueMs) + Math.max(0, to - Math.max(from, this.#last));
    this.#last = Math.max(this.#last, to);
  }

  share(until: number): Share | undefined {
    const ofMs = until - this.#since;
    if (ofMs <= 0) return undefined;
    const tailMs = Math.max(0, until - this.#last);
    const knownMs = this.#knownMs + (tailMs <= patience * this.#dueMs ? tailMs : 0);
    return { knownMs: Math.min(knownMs, ofMs), ofMs };
  }

  knew(at: number): boolean {
    const inGap = this.#gaps.some(([from, to]) => at > from && at < to);
    return !inGap && at <= this.#last + patience * this.#dueMs;
  }
}

/** Buckets: those that lie in the stage as a whole are due. */
export class BucketCoverage implements Coverage {
  readonly #since: number;
  readonly #bucketMs: number;
  readonly #known = new Set<number>();

  constructor(since: number, bucketMs: number) {
    this.#since = since;
    this.#bucketMs = bucketMs;
  }

  /** @param at anywhere in the bucket, UTC ms. */
  add(at: number): void {
    this.#known.add(bucketStart(at, this.#bucketMs));
  }

  share(until: number): Share | undefined {
    const first = Math.ceil(this.#since / this.#bucketMs) * this.#bucketMs;
    const ofMs = bucketStart(until, this.#bucketMs) - first;
    if (ofMs <= 0) return undefined;
    const known = [...this.#known].filter((start) => start >= first && start + this.#bucketMs <= until);
    return { knownMs: known.length * this.#bucketMs, ofMs };
  }

  knew(at: number): boolean {
    const start = bucketStart(at, this.#bucketMs);
    return start < this.#since || this.#known.has(start);
  }
}
