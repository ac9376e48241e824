/** Time, injected: deciding code takes `now` as an argument, acting code takes a clock. */
export interface Clock {
  /**
   * The run's own time: UTC, milliseconds since the epoch, read once when the process began and monotonic since. A step
   * of the wall clock never moves it.
   */
  now(): number;
  /** Milliseconds of a clock that never jumps; only differences mean anything. */
  monotonic(): number;
  /** The wall clock as it is now, in UTC milliseconds. Absent: it never steps. */
  wall?(): number;
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

/** A process that cannot be mistaken for a later one with the same number. */
export interface ProcessId {
  readonly pid: number;
  /** Opaque: clock ticks since boot on Linux, a date elsewhere. Empty where it could not be read. */
  readonly startTime: string;
}

/** A process as it can be told from any other, so that its own machine knows later whether it has ended. */
export interface ProcessMark {
  /** One boot of one machine, and within it what shares process numbers: a container is a machine of its own. */
  readonly machine: string;
  readonly pid: number;
  /** Opaque; letters, digits and underscores. Empty where it could not be read. */
  readonly startTime: string;
}

/** Whether a process has certainly ended: it is one of this machine, and it does not run. */
export type HasEnded = (process: ProcessMark) => boolean;
