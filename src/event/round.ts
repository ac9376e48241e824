import type { Outcome } from '../kernel/outcome.ts';
import type { CheckFinished } from './catalogue.ts';
import type { Firing } from './incident.ts';
import type { ToggleRead } from './toggles.ts';

/** What a round has measured when its first pass is over, and once more when it ends. */
export interface RoundMeasured {
  /** Each check over all of its answers in this round. */
  readonly checks: readonly CheckJudged[];
  /** Each signal of the runbook, in its order. */
  readonly signals: readonly SignalMeasured[];
  /** The newest look at the toggles. Absent where the runbook has none. */
  readonly toggles?: TogglesLook;
  /** Absent where the target has no metrics that could be read. */
  readonly metrics?: MetricsLook;
  /** States of the runbook that a check declares and no answer reported. Absent: none, and in the first pass. */
  readonly untold?: readonly UnreportedState[];
  /**
   * Signals, states and toggles that were outside their limits and count for how the round ends, in the order in which
   * they are reported: without what belongs to an open incident. Absent in the first pass, and in events of earlier versions.
   */
  readonly out?: readonly RoundOut[];
}

export interface RoundOut extends Pick<Firing, 'signal' | 'subject' | 'got' | 'allowed'> {
  /** Why the round could not decide it, in words. Absent: it has failed. */
  readonly undecided?: string;
}

/** A check over all of its answers in a round. */
export interface CheckJudged {
  readonly check: string;
  readonly outcome: Outcome;
  /** Conclusive answers, and how many of them failed. */
  readonly answers: number;
  readonly failed: number;
  /** UTC ms of the first that failed. */
  readonly failedAt?: number;
  /** Answers since the last that failed; all of them passed. */
  readonly passedSince?: number;
  /** It was not asked, and its answer of then (UTC ms) stands. */
  readonly standsSince?: number;
}

export interface TogglesLook {
  /** Whether all of them were. */
  readonly read: boolean;
  /** What was reported otherwise than normal. Absent: nothing. */
  readonly abnormal?: ToggleRead['abnormal'];
  /** Why not. */
  readonly why?: string;
  /** The configuration does not say where they are read. */
  readonly unknown?: true;
}

export interface UnreportedState {
  readonly state: string;
  /** The check that declares it, and was answered. */
  readonly check: string;
}

/** The newest look at the target's metrics. */
export interface MetricsLook {
  /** Why it failed. Absent: they were read. */
  readonly why?: string;
  /** Configured metrics whose names the page did not tell. Absent: none. */
  readonly untold?: readonly string[];
  /** Configured metrics that the page reports in a form that cannot be judged. Absent: none. */
  readonly unusable?: readonly UnusableMetric[];
  /** More than one process answered, or one was restarted without telling its start: its counters tell too little. */
  readonly several?: true;
  /** UTC ms of the newest look that succeeded, and what the counters of the runbook stood at: the next round goes on from there. */
  readonly at?: number;
  readonly totals?: readonly MetricTotal[];
}

/** `queue_depth`, which `is NaN`. */
export interface UnusableMetric {
  readonly metric: string;
  readonly why: string;
}

/** A counter of the target, all of its series summed up: of a histogram, one of its buckets. */
export interface MetricTotal {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What was seen of a signal, from the source that it is judged by. */
export interface SignalMeasured {
  readonly signal: string;
  /** `too-few`: fewer samples than a bucket needs to be known. */
  readonly state: 'measured' | 'too-few' | 'not-measured';
  readonly n: number;
  /** The trigger's statistic over all of the run so far; `null` is unknown. */
  readonly value: number | null;
  /** Why it was not measured. */
  readonly why?: string;
  /** What the target counted since the round before. Absent across a restart of it. */
  readonly increase?: {
    /** When that round looked, UTC ms. */
    readonly since: number;
    readonly n: number;
    readonly value: number | null;
  };
}

/** The last conclusive answer of a check that was not asked again. */
export interface StandingAnswer extends Pick<CheckFinished, 'violations' | 'requestId'> {
  readonly outcome: 'passed' | 'failed';
  /** UTC ms. */
  readonly at: number;
}
