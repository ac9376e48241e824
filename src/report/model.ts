import type {
  ExperimentFinished,
  ExperimentPhase,
  ExperimentStarted,
  ExpectationFacts,
  FaultFacts,
  FaultProof,
  HealedBy,
  HealRung,
  LoadFinished,
  LoadStarted,
  RunStarted,
  RunVerdict,
} from '../event/catalogue.ts';
import type { GatePartEnded } from '../event/gate.ts';
import type { MessageRequested } from '../event/message.ts';
import type { RequestCounts } from '../event/history.ts';
import type { HoldBucket } from '../event/incident.ts';
import type { SignalMeasured } from '../event/round.ts';
import type { ToggleApplied, ToggleRead } from '../event/toggles.ts';
import type { Condition, SignalSpec } from '../event/specs.ts';
import type { Outcome, Verdict } from '../kernel/outcome.ts';
import type { Containment } from '../projection/containment.ts';
import type { EndpointRow } from '../projection/endpoints.ts';
import type { Finding } from '../projection/findings.ts';
import type { FirstFailure } from '../projection/first-failure.ts';
import type { Impact } from '../projection/impact.ts';
import type { IncidentFacts, Marker } from '../projection/model.ts';
import type { Band } from '../signal/judge.ts';
import type { Happening } from './words.ts';

/** Everything a report says, folded from the events of one run. Every record names the events it comes from. */
export interface Report {
  readonly run: RunFacts;
  readonly first: FirstFailure | undefined;
  readonly phases: readonly Phase[];
  readonly timeline: readonly TimelineEntry[];
  /** Over the whole run, without the batches that one of our own restarts touches. */
  readonly endpoints: readonly EndpointRow[];
  /** What those were. */
  readonly restarts: RequestCounts;
  readonly signals: readonly SignalSeries[];
  readonly checks: readonly CheckReport[];
  readonly loads: readonly LoadReport[];
  /** Of a gate: how each part ended, or why it was not run. */
  readonly parts: readonly (GatePartEnded & { readonly seq: number })[];
  readonly experiments: readonly ExperimentReport[];
  readonly incidents: readonly IncidentReport[];
  /** What else keeps the run from having passed: what a round found beside its checks, and incidents. */
  readonly findings: readonly Finding[];
  readonly toggles: readonly ToggleEntry[];
  readonly messages: readonly MessageReport[];
  /** Theirs: what the system under test did wrong. */
  readonly failures: readonly CheckFailure[];
  /** Ours: what kept us from measuring. */
  readonly problems: readonly OwnProblem[];
  /** Events that were left out because nobody here knows their type: how many of each. */
  readonly unknown: Readonly<Record<string, number>>;
}

export interface RunFacts extends RunStarted {
  readonly id: string;
  readonly startedAt: number;
  /** Of the last event, where the run wrote no end. */
  readonly endedAt: number;
  readonly verdict: RunVerdict | 'unfinished';
  readonly exitCode: number | null;
  readonly reason: string;
  /** Sequences of the first event and of the one that ended the run (or the last one). */
  readonly seq: { readonly started: number; readonly ended: number };
  readonly events: number;
}

export interface Phase {
  readonly name: string;
  readonly detail: string;
  readonly from: number;
  readonly to: number;
  readonly seq: number;
}

export interface TimelineEntry extends Happening {
  readonly seq: number;
  readonly at: number;
}

/** One signal over the run, by bucket. */
export interface SignalSeries {
  readonly spec: SignalSpec;
  readonly good: Condition | undefined;
  readonly n: number;
  /** The statistic of the trigger over the whole run. */
  readonly value: number | null;
  /** Other percentiles over the whole run, where the samples are values. */
  readonly spread:
    | { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number }
    | undefined;
  readonly points: readonly SeriesPoint[];
  readonly evidence: readonly number[];
  /** As the run's last round saw it, where there was one. */
  readonly measured?: SignalMeasured;
}

export interface SeriesPoint {
  /** Start of the bucket. */
  readonly from: number;
  readonly n: number;
  readonly value: number | null;
  readonly state: 'bad' | 'ok' | 'unknown';
  readonly evidence: readonly number[];
}

export interface LoadReport {
  readonly started: LoadStarted;
  readonly seq: number;
  readonly finished?: LoadFinished & { readonly seq: number };
}

export interface ExperimentReport extends ExperimentStarted {
  readonly seq: number;
  readonly startedAt: number;
  readonly phases: readonly { readonly phase: ExperimentPhase; readonly at: number; readonly seq: number }[];
  readonly injections: readonly FaultReport[];
  readonly settled: readonly ExpectationReport[];
  readonly verdict: Verdict | 'unfinished';
  readonly reasons: readonly string[];
  readonly timings: ExperimentFinished['timings'];
  readonly finishedSeq: number | undefined;
  readonly finishedAt: number | undefined;
  /** Per endpoint while a fault was in. */
  readonly endpoints: readonly EndpointRow[];
}

export interface FaultReport extends FaultFacts {
  readonly experiment: string;
  readonly plannedSeq: number;
  readonly injected?: Marker;
  readonly proof?: FaultProof & Marker;
  readonly removed?: Marker & { readonly by: HealedBy; readonly rung: HealRung };
  readonly stuck?: Marker & { readonly tried: readonly string[] };
}

export interface ExpectationReport extends ExpectationFacts {
  /** `open` where the run ended before it was settled. */
  readonly outcome: 'met' | 'broken' | 'unknown' | 'open';
  readonly got: string;
  readonly allowed: string;
  readonly path: string | undefined;
  readonly afterMs: number | undefined;
  readonly seq: number | undefined;
  readonly evidence: readonly number[];
}

/** An incident with what its holds were judged by. */
export interface IncidentReport extends IncidentFacts {
  readonly hold: readonly (HoldBucket & Marker)[];
  /** For each time it was open, in order. */
  readonly impacts: readonly Impact[];
  readonly containments: readonly (Containment | undefined)[];
}

export type ToggleEntry = Marker &
  (
    | { readonly kind: 'applied'; readonly data: ToggleApplied }
    | { readonly kind: 'read'; readonly data: ToggleRead; readonly changed: boolean }
  );

export interface MessageReport extends MessageRequested, Marker {
  readonly failures: readonly (Marker & { readonly attempt: number; readonly reason: string })[];
  readonly delivered?: Marker & { readonly attempt: number };
  readonly dead?: Marker & { readonly reason: string };
}

export interface CheckReport {
  readonly check: string;
  readonly title: string;
  readonly endpoint: string | undefined;
  readonly n: number;
  readonly passed: number;
  readonly failed: number;
  readonly inconclusive: number;
  readonly last: Outcome;
  readonly p95: number;
  /** As the last round judged it over all of its answers; absent where it was asked again after it. */
  readonly judged?: Outcome;
  readonly evidence: readonly number[];
}

/** The same violation of the same check, however often. */
export interface CheckFailure {
  readonly check: string;
  readonly endpoint: string | undefined;
  readonly path: string;
  readonly rule: string;
  readonly got: string;
  readonly allowed: string;
  /** What the first of these answers said. */
  readonly excerpt: string | undefined;
  /** How often, without those that one of our own restarts explains. */
  readonly count: number;
  /** Of those, how many between an experiment's first fault and its end. */
  readonly drilled: number;
  /** Besides: while Siaga restarted the system to set toggles. */
  readonly restarts: number;
  readonly requestIds: readonly string[];
  readonly evidence: readonly number[];
}

export interface OwnProblem {
  readonly what: string;
  readonly hint: string | undefined;
  readonly count: number;
  readonly evidence: readonly number[];
}

export type { Band };
