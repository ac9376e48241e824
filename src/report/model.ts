import type {
  ExperimentFinished,
  ExperimentPhase,
  ExperimentStarted,
  ExpectationFacts,
} from '../event/catalogue.ts';
import type { GatePartEnded } from '../event/gate.ts';
import type { RequestCounts } from '../event/history.ts';
import type { HoldBucket } from '../event/incident.ts';
import type { ToggleApplied, ToggleRead } from '../event/toggles.ts';
import type { Outcome, Verdict } from '../kernel/outcome.ts';
import type { Action } from '../projection/actions.ts';
import type { Containment } from '../projection/containment.ts';
import type { IncidentRecord } from '../projection/entries.ts';
import type { EndpointRow } from '../projection/endpoints.ts';
import type { FaultLife } from '../projection/experiments.ts';
import type { CheckFailure } from '../projection/failures.ts';
import type { Finding } from '../projection/findings.ts';
import type { FirstFailure } from '../projection/first-failure.ts';
import type { Impact } from '../projection/impact.ts';
import type { LoadFacts } from '../projection/loads.ts';
import type { MessageLife } from '../projection/messages.ts';
import type { IncidentFacts, Marker } from '../projection/model.ts';
import type { OwnProblem } from '../projection/problems.ts';
import type { Phase, RunFacts } from '../projection/run.ts';
import type { SeriesPoint, SignalSeries } from '../projection/series.ts';
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
  readonly loads: readonly LoadFacts[];
  /** Of a gate: how each part ended, or why it was not run. */
  readonly parts: readonly (GatePartEnded & { readonly seq: number })[];
  readonly experiments: readonly ExperimentReport[];
  readonly incidents: readonly IncidentReport[];
  /** What else keeps the run from having passed: what a round found beside its checks, and incidents. */
  readonly findings: readonly Finding[];
  readonly toggles: readonly ToggleEntry[];
  /** What was in force against an incident, or to set the stage of a drill, and until when. */
  readonly actions: readonly Action[];
  readonly messages: readonly MessageLife[];
  /** Theirs: what the system under test did wrong. */
  readonly failures: readonly CheckFailure[];
  /** Ours: what kept us from measuring. */
  readonly problems: readonly OwnProblem[];
  /** Events that were left out because nobody here knows their type: how many of each. */
  readonly unknown: Readonly<Record<string, number>>;
}

export interface TimelineEntry extends Happening {
  readonly seq: number;
  readonly at: number;
}

export interface ExperimentReport extends Omit<ExperimentStarted, 'faults'> {
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

export interface FaultReport extends FaultLife {
  readonly plannedSeq: number;
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
  /** What people had said of it when this run began. */
  readonly record: IncidentRecord;
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

export type { Band, CheckFailure, MessageLife as MessageReport, OwnProblem, SeriesPoint, SignalSeries };
