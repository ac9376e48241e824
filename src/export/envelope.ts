import type {
  EndpointFigures,
  ExperimentReason,
  FaultFacts,
  FaultProof,
  UndoneBy,
  RunVerdict,
} from '../event/catalogue.ts';
import type { Entry } from '../event/entry.ts';
import type { GatePartEnded } from '../event/gate.ts';
import type { Severity, Unit } from '../event/specs.ts';
import type { Finding } from '../projection/findings.ts';
import type { Outcome, Verdict, Violation } from '../kernel/outcome.ts';

/**
 * What a command with `--json` writes to stdout, once: the published form of a run, described by
 * `docs/envelope.schema.json`. Fields are added, never removed, within one version. Absent facts are `null`.
 */
export interface ResultEnvelope {
  readonly version: 1;
  readonly command: string;
  /** `error` where the command could not begin or hit a fault of ours. */
  readonly verdict: RunVerdict;
  readonly exitCode: number;
  /** What failed first, in a line; empty when nothing did. */
  readonly reason: string;
  readonly target: { readonly name: string; readonly url: string } | null;
  /** Id of the run; `null` where it failed before there was one. */
  readonly run: string | null;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly finishedAt: string;
  /** What the runbook's windows were divided by. */
  readonly speed: number;
  readonly drill: boolean;
  /** The command line that repeats this run. */
  readonly repeat: string | null;
  readonly results: readonly Result[];
  readonly incidents: readonly IncidentResult[];
  /** How each signal was measured, where the run was a round of checks or began with one.
   * What is judged by a load is as the load after the round measured it. Absent elsewhere. */
  readonly signals?: readonly SignalResult[];
  /**
   * What kept us from measuring now and then. Of a run that reached no verdict these are errors among the results
   * too; a run that passed or failed did so in spite of them.
   */
  readonly problems: readonly ProblemResult[];
  /** Paths of the files that the run wrote for people. */
  readonly reports: readonly string[];
}

export type Result = CheckResult | LoadResult | ExperimentResult | PartResult | FindingResult | ErrorResult;

export interface CheckResult {
  readonly kind: 'check';
  readonly name: string;
  readonly outcome: Outcome;
  readonly violations: readonly Violation[];
  /** Why it is inconclusive. */
  readonly reason: string | null;
  readonly endpoint: string | null;
  readonly status: number | null;
  readonly durationMs: number;
  readonly requestId: string | null;
  /** What the failed answer said, at most 300 characters; `null` unless the run was told to show bodies. */
  readonly body: string | null;
  /** ISO 8601, UTC, of the observation shown: the first that failed, else the last. */
  readonly at: string;
  /** How often it was observed while nothing was broken on purpose, and how often it failed then. */
  readonly observations: number;
  readonly failed: number;
  /** It was not asked, and its answer of then stands: ISO 8601, UTC. Absent where it was asked. */
  readonly standsSince?: string;
}

/** A signal as a round measured it, in its unit: ms, a share of 1, or a plain number. */
export interface SignalResult {
  readonly signal: string;
  readonly state: 'measured' | 'too-few' | 'not-measured';
  readonly samples: number;
  /** Samples that a bucket needs to be known. */
  readonly needed: number;
  readonly statistic: string;
  readonly value: number | null;
  readonly unit: Unit;
  /** What keeps its trigger from firing. */
  readonly allowed: string;
  /** Why it was not measured. */
  readonly why: string | null;
  /** What the target counted since the round before; `null` where nothing is known of that, as after a restart. */
  readonly increase: {
    readonly since: string;
    readonly samples: number;
    readonly value: number | null;
  } | null;
}

export interface LoadResult {
  readonly kind: 'load';
  readonly name: string;
  readonly outcome: Outcome;
  readonly violations: readonly Violation[];
  readonly reason: string | null;
  readonly requests: number;
  readonly iterations: number;
  readonly achievedRate: number;
  readonly offeredRate: number;
  readonly dropped: number;
  readonly exceptions: number;
  readonly durationMs: number;
  readonly endpoints: readonly EndpointFigures[];
}

export interface ExperimentResult {
  readonly kind: 'experiment';
  readonly name: string;
  readonly verdict: Verdict;
  /** From its first event to its last; `null` where the run ended before it did. */
  readonly durationMs: number | null;
  /** What decided it, the first first. */
  readonly reasons: readonly string[];
  /** The same as codes, one for each of the reasons; `null` where an earlier version wrote words that have none. */
  readonly because: readonly (ExperimentReason | 'run-ended')[] | null;
  readonly hypothesis: string;
  readonly requirements: readonly string[];
  readonly faults: readonly FaultResult[];
  readonly expectations: readonly ExpectationResult[];
  readonly timings: {
    readonly detectMs: number | null;
    readonly containMs: number | null;
    readonly recoverMs: number | null;
  };
  /** Sequences of the two events that each timing is the difference of. */
  readonly timingEvents: {
    readonly detect: TimingEvents | null;
    readonly contain: TimingEvents | null;
    readonly recover: TimingEvents | null;
  };
}

export interface TimingEvents {
  readonly from: number;
  readonly to: number;
  /** The interval of the probe that noticed. */
  readonly plusMinusMs: number;
}

export interface FaultResult extends FaultFacts {
  readonly injected: boolean;
  readonly removedBy: UndoneBy | null;
  readonly proof: Omit<FaultProof, 'fault'> | null;
}

export interface ExpectationResult {
  readonly id: string;
  readonly text: string;
  readonly stage: 'steady-state' | 'during' | 'after';
  readonly mode: 'within' | 'throughout' | 'never';
  readonly deadlineMs: number | null;
  readonly outcome: 'met' | 'broken' | 'unknown';
  readonly path: string | null;
  readonly got: string;
  readonly allowed: string;
  readonly afterMs: number | null;
  /** Sequences of the events that show it. */
  readonly evidence: readonly number[];
}

/**
 * Whatever else keeps the run from having passed: a signal, a state or a toggle outside its limits, metrics or toggles
 * that could not be read, an incident, the drill of another run. `run` where nothing else tells why it ended as it did.
 */
export interface FindingResult {
  readonly kind: Finding['kind'] | 'run';
  readonly name: string;
  readonly outcome: 'failed' | 'inconclusive';
  readonly reason: string;
}

/** A part of a gate that no other result tells of: one that did not pass, and what was not run. */
export interface PartResult {
  readonly kind: 'part';
  readonly name: GatePartEnded['part'];
  readonly outcome: 'failed' | 'inconclusive' | 'not-run';
  readonly reason: string;
}

export interface ErrorResult {
  readonly kind: 'error';
  /** Stable, kebab-case. */
  readonly code: string;
  readonly what: string;
  readonly where: string | null;
  readonly got: string | null;
  readonly allowed: string | null;
  readonly hint: string | null;
}

export interface ProblemResult {
  /** Stable, kebab-case. */
  readonly code: string;
  readonly what: string;
  readonly hint: string | null;
  /** How often. */
  readonly count: number;
}

export interface IncidentResult {
  readonly incident: string;
  readonly group: string;
  /** As it stands, or as it stood at the end. */
  readonly severity: Severity;
  readonly highestSeverity: Severity;
  readonly drill: boolean;
  /** The last change that says how it stands: `declared`, `mitigated`, `recovered` and their like. */
  readonly phase: string;
  /** ISO 8601, UTC: the first declaration; the others of the time it is open, or was last. */
  readonly declaredAt: string;
  readonly mitigatedAt: string | null;
  readonly recoveredAt: string | null;
  /** Signals that fired, the first first. */
  readonly signals: readonly string[];
  /** Sequences of its transitions. */
  readonly events: readonly number[];
  /** Only from `siaga incident`: the target that it is of. */
  readonly target?: string;
  /** Only from `siaga incident`: what people put on its record. */
  readonly record?: RecordResult;
}

/** What people said of an incident; `null` where nobody did. Times are ISO 8601, UTC. */
export interface RecordResult {
  readonly acknowledged: { readonly by: string; readonly at: string } | null;
  readonly roles: readonly { readonly role: string; readonly to: string }[];
  readonly triage: {
    readonly what: string | null;
    readonly who: string | null;
    readonly severity: Severity | null;
    readonly blastRadius: string | null;
  };
  readonly cause: { readonly text: string; readonly final: boolean } | null;
  readonly fixes: readonly { readonly text: string; readonly commit: string | null }[];
  readonly users: { readonly affected: number | null; readonly noticedFirst: boolean | null } | null;
  readonly resolved: { readonly by: string; readonly at: string; readonly text: string } | null;
  /** All that was said, in order. */
  readonly entries: readonly {
    readonly at: string;
    readonly by: string;
    readonly kind: Entry['kind'];
    readonly seq: number;
  }[];
}
