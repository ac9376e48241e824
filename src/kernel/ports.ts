/** Time, injected: deciding code takes `now` as an argument, acting code takes a clock. */
export interface Clock {
  /** UTC, milliseconds since the epoch. */
  now(): number;
  /** Milliseconds of a clock that never jumps; only differences mean anything. */
  monotonic(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Randomness, injected. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** A short id of lower-case letters and digits, unguessable enough to be unique. */
  id(length: number): string;
}

/** Where progress goes: a line a person may read, never a result. */
export type Progress = (line: string) => void;
