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
}

export function toViolation({ name, path, got, allowed }: Finding): Violation {
  return { path, rule: name, got, allowed };
}

/** A finding in a line: "threshold: GET /api/x p95 got 812 ms, allowed p95 <= 650 ms". */
export function sayFinding({ name, path, got, allowed }: Finding): string {
  return `${name}: ${path} got ${got}, allowed ${allowed}`;
}
