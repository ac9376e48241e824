import type { Outcome, Violation } from '../kernel/outcome.ts';

export interface LoadStarted {
  readonly load: string;
  readonly script: string;
  readonly tool: string;
  /** Offered iterations a second, 0 where the script decides. */
  readonly rate: number;
  readonly durationMs: number;
  readonly thresholds: Readonly<Record<string, readonly string[]>>;
}

export interface LoadFinished {
  readonly load: string;
  readonly outcome: Outcome;
  /** Each reason by name: `k6-exception`, `dropped-iterations`, `no-samples`, `rate-not-achieved`, `threshold`, … */
  readonly violations: readonly Violation[];
  readonly reason?: string;
  readonly exitCode: number;
  readonly requests: number;
  readonly iterations: number;
  readonly dropped: number;
  readonly exceptions: number;
  readonly offeredRate: number;
  readonly achievedRate: number;
  /** HTTP requests a second that were sent, from the first to the last. Absent in events of earlier versions. */
  readonly requestRate?: number;
  /** HTTP requests a second that were allowed. Absent in events of earlier versions. */
  readonly maxRate?: number;
  readonly durationMs: number;
  /** Present where failures of the system were only observed: the runbook's limits did not decide. */
  readonly observed?: true;
  /** Present where Siaga itself stopped k6, as it does with a load that runs beside something else. */
  readonly stopped?: true;
  /** Iterations that had begun and were not finished when k6 ended. */
  readonly unfinished?: number;
  readonly endpoints: readonly EndpointFigures[];
  /** What is worth knowing and decided nothing, a sentence each. */
  readonly notes?: readonly string[];
  /** Path of the compressed raw points, relative to the run's folder. */
  readonly raw?: string;
}

export interface EndpointFigures {
  readonly endpoint: string;
  readonly n: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly errors: number;
  readonly throttled: number;
}
