import type { Outcome } from '../kernel/outcome.ts';

/** How one part of a gate ended, or why it was not run. */
export interface GatePartEnded {
  readonly part: 'candidate' | 'checks' | 'load' | 'experiments';
  readonly outcome: Outcome | 'not-run';
  /** Why it did not pass, or was not run; empty where there is nothing to say. */
  readonly reason: string;
  /** It was inconclusive, and tried once more. */
  readonly retried: boolean;
}
