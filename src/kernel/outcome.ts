/** How one observation ended. Inconclusive means it says nothing about the target. */
export type Outcome = 'passed' | 'failed' | 'inconclusive';

/** How an experiment ended. */
export type Verdict = 'held' | 'weakness' | 'inconclusive' | 'aborted' | 'rollback-failed';

/** One broken expectation. */
export interface Violation {
  /** Where in the response or system: `body.degraded`, `headers.ratelimit`, `status`. */
  readonly path: string;
  /** The rule in the words of its definition. */
  readonly rule: string;
  readonly got: string;
  readonly allowed: string;
}

/** `status: expected 200, got 503`; where the rule itself says what is allowed, `body.degraded: it is marked, got false`. */
export function violationWords({ path, rule, got, allowed }: Violation): string {
  const wanted = allowed === rule ? rule : `expected ${allowed}`;
  return `${path && `${path}: `}${wanted}, got ${got}`;
}
