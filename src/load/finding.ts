import type { Violation } from '../kernel/outcome.ts';

/** A reason against a load, by its stable name. */
export interface Finding {
  /**
   * `broken`: nothing measured can be trusted, so the load says nothing whatever else was found.
   * `failed`: the load fails. `doubtful`: it says nothing unless something failed.
   */
  readonly weight: 'broken' | 'failed' | 'doubtful';
  readonly name: string;
  readonly path: string;
  readonly got: string;
  readonly allowed: string;
  /** A generator that stood still would make it so by itself. */
  readonly timed?: boolean;
  /** A generator short of CPU, which then drops iterations, would make it so by itself. */
  readonly paced?: boolean;
  /** A limit of requests a second that held the load back would make it so by itself. */
  readonly limited?: boolean;
  /** More than half of what was asked failed so. */
  readonly most?: boolean;
  /** The signal of the runbook that it is about. */
  readonly signal?: string;
}

export function failed(name: string, path: string, got: string, allowed: string): Finding {
  return { weight: 'failed', name, path, got, allowed };
}

export function doubtful(name: string, path: string, got: string, allowed: string): Finding {
  return { weight: 'doubtful', name, path, got, allowed };
}

export function toViolation({ name, path, got, allowed }: Finding): Violation {
  return { path, rule: name, got, allowed };
}

/** A finding in a line: "threshold: GET /api/x p95 got 812 ms, allowed p95 <= 650 ms". */
export function sayFinding({ name, path, got, allowed }: Finding): string {
  return `${name}: ${path} got ${got}, allowed ${allowed}`;
}
