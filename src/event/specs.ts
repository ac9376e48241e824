/**
 * The runbook as a run judged by it: plain numbers, every duration in milliseconds and already divided by the
 * speed. It is written into `run.started`, so that a report or a re-judgement needs the events alone.
 */
export interface JudgeSpec {
  readonly runbook: string;
  /** IANA zone for display. */
  readonly zone: string;
  readonly speed: number;
  /** Length of a bucket in real milliseconds: one minute ÷ speed. */
  readonly bucketMs: number;
  /** How long after its end a bucket stays open for late results. */
  readonly latenessMs: number;
  readonly signals: readonly SignalSpec[];
  readonly recovery: RecoverySpec;
  readonly hardDown: { readonly times: number; readonly withinMs: number; readonly severity: Severity };
  /** A trigger within this time after RECOVERED reopens the same incident. */
  readonly reopenWithinMs: number;
  readonly flapping: {
    readonly transitions: number;
    readonly withinMs: number;
    readonly maxHoldBuckets: number;
    /** While flapping, one digest in this time takes the place of single messages. Absent: single messages. */
    readonly digestMs?: number;
  };
  /** No sample for this long is NO_DATA. */
  readonly blindAfterMs: number;
  /** Toggles in their normal state, by name. */
  readonly normalToggles: Readonly<Record<string, string>>;
  /** Checks as signals, `check:NAME`. Absent in judges from before checks were signals. */
  readonly checks?: readonly CheckSpec[];
  /** States as signals, `state:NAME`; the configuration is read from the fallback's. Absent as above. */
  readonly states?: readonly StateSpec[];
  /** A check fires when more than this share of its answers failed, 0…1. Default 0.02. */
  readonly loadErrors?: number;
  /** What signals are for. Absent in judges of runbooks that declare no roles: their signals have the names of then. */
  readonly roles?: RolesSpec;
}

/** What a request feeds: its time, whether it failed, whether by a 5xx; and a WebSocket's round trip. */
export type RequestRole = 'latency' | 'errors' | 'serverErrors' | 'roundTrip';

/** What is what in the system, by the runbook's own names: signals by what they are for, and where the rest is reported. */
export interface RolesSpec extends Readonly<Partial<Record<RequestRole, string>>> {
  readonly down?: readonly DownRole[];
  readonly degraded?: { readonly state: string; readonly is: boolean | string | number };
  readonly tags?: { readonly ready?: string; readonly facts?: string };
  readonly breaker?: BreakerRole;
}

/** A signal that says by each reading whether the system is down altogether. */
export interface DownRole {
  readonly signal: string;
  readonly when: Condition;
}

export type BreakerState = 'closed' | 'open' | 'half-open';

/** Where the state of circuit breakers is read: from a gauge, or from a counter of their transitions, which misses none. */
export interface BreakerRole {
  /** The label that names the breaker. */
  readonly label: string;
  readonly state?: { readonly metric: string; readonly values: Readonly<Record<BreakerState, number>> };
  /** `to` is the label that names the state it went to. */
  readonly transitions?: { readonly metric: string; readonly to: string };
}

/** A check as a signal. */
export interface CheckSpec {
  readonly name: string;
  readonly title: string;
  /** One of the contract checks that decide recovery. */
  readonly core: boolean;
  readonly severity: Severity;
  /** Milliseconds between two answers while it is sampled; real time, never divided by the speed. */
  readonly everyMs: number;
}

/** A state of the system that checks tell, and what it normally is. */
export interface StateSpec {
  readonly name: string;
  readonly title: string;
  readonly normal: boolean | string | number;
  readonly severity: Severity;
}

export type Severity = 'SEV-0' | 'SEV-1' | 'SEV-2' | 'SEV-3' | 'SEV-4';
export type Statistic = `p${number}` | 'rate' | 'max' | 'min' | 'last' | 'count';
export type Comparison = '>' | '>=' | '<' | '<=' | '==';
export type Unit = 'ms' | 'ratio' | 'count' | 'state';

/** "p95 > 650 ms" as data. `value` is in the signal's unit (ms, 0…1, or a plain number). */
export interface Condition {
  readonly statistic: Statistic;
  readonly comparison: Comparison;
  readonly value: number;
}

export interface SignalSpec {
  readonly name: string;
  readonly title: string;
  /** What it means when it fires, by language; the title where it says nothing. */
  readonly says?: { readonly [Language in 'id' | 'en']?: string };
  readonly requirements: readonly string[];
  readonly unit: Unit;
  /** The only source whose samples are judged in this run. */
  readonly source: 'probe' | 'load' | 'server' | 'own';
  readonly minSamples: number;
  readonly severity: Severity;
  readonly group: string;
  readonly trigger: Condition & { readonly buckets: number };
  readonly inhibits: readonly string[];
  /** Where its samples come from in this run; without it nobody is told that they stay away. */
  readonly supply?: { readonly everyMs: number; readonly checks: readonly string[] };
  /** For `own` signals: the source that the project defines. */
  readonly own?: string;
  /** For `server` signals: the metric to scrape and the factor to the signal's unit. */
  readonly metric?: MetricSpec;
}

export interface MetricSpec {
  readonly name: string;
  readonly type: 'histogram' | 'counter' | 'gauge';
  readonly labels: Readonly<Record<string, string>>;
  /** Multiplies the metric's value into the signal's unit (1000 for seconds → ms). */
  readonly scale: number;
}

export interface RecoverySpec {
  /** Consecutive good buckets on every signal below. */
  readonly holdBuckets: number;
  /** Good buckets on fallback before the restore is proposed. */
  readonly restoreBuckets: number;
  readonly criteria: readonly { readonly signal: string; readonly good: Condition }[];
  /** Errors over the whole hold: the signal, its limit, and the requests it needs. */
  readonly wholeHold: { readonly signal: string; readonly good: Condition; readonly minRequests: number };
  /** More unknown buckets in a row than this reset the count. */
  readonly maxUnknownInRow: number;
  /** The state key that says the system is on its fallback (from a check's `states`). */
  readonly fallbackState: string;
  /** The state key that says the provider answers when asked directly. */
  readonly providerState: string;
  /** Names of the contract checks that must pass at the end. */
  readonly coreChecks: readonly string[];
  readonly deadlineMs: number;
  /** Absent where a fallback stays MITIGATED however long it lasts. */
  readonly stable?: StableSpec;
}

/** When a fallback is MITIGATED-STABLE, and in whose hands. */
export interface StableSpec {
  readonly afterMs: number;
  /** From then to its review; real time, never divided by the speed. */
  readonly reviewAfterMs: number;
  readonly owner: { readonly role: string; readonly name: string };
}
