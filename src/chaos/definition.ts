import type { AnyCheck } from '../check/definition.ts';
import type { SiagaEvent } from '../event/envelope.ts';
import type { JudgeSpec } from '../event/specs.ts';
import type { Duration } from '../kernel/duration.ts';
import type { Coverage } from './expect/coverage.ts';
import type { UsedOwnFault } from './own-fault.ts';

/** A fault of a proxy, with Toxiproxy's own attributes. Built by `fault.down()`, `fault.latency()` and their like, which bound every value. */
export type ToxicFault =
  | { readonly kind: 'down' }
  | { readonly kind: 'latency'; readonly latency: number; readonly jitter: number }
  | { readonly kind: 'bandwidth'; readonly rate: number }
  | { readonly kind: 'slow_close'; readonly delay: number }
  | { readonly kind: 'timeout'; readonly timeout: number }
  | { readonly kind: 'reset_peer'; readonly timeout: number }
  | {
      readonly kind: 'slicer';
      readonly average_size: number;
      readonly size_variation: number;
      readonly delay: number;
    }
  | { readonly kind: 'limit_data'; readonly bytes: number };

/** A fault of a process, by `fault.frozen()` and `fault.killed()`. */
export type ProcessFault = { readonly kind: 'frozen' } | { readonly kind: 'killed' };

export type FaultKind = ToxicFault | ProcessFault | UsedOwnFault;

interface Timed {
  /**
   * How long it stays, at most 30 minutes: real time, or time on the runbook's clock. `{ runbook: '8m' }` lasts as
   * long as eight of the runbook's minutes, so that a five-minute trigger fits into it at every `--speed`.
   */
  readonly for: Duration | { readonly runbook: Duration };
  /** Ends it before its time, as soon as the incident is MITIGATED: the dependency returns once the runbook has contained it. */
  readonly until?: 'contained';
}

export interface ProxyFaultPlan<Proxy extends string = string> extends Timed {
  readonly proxy: Proxy;
  readonly fault: ToxicFault;
  /** Default `downstream` (server to client), as in Toxiproxy. */
  readonly stream?: 'upstream' | 'downstream' | 'both';
  /** Share of connections, 0 < t ≤ 1. Default 1; rolled once a connection. */
  readonly toxicity?: number;
}

export interface ProcessFaultPlan<Process extends string = string> extends Timed {
  /** One of the target's `processes`. */
  readonly process: Process;
  readonly fault: ProcessFault;
}

/** A fault of the project's own: where it is, its kind knows. */
export interface OwnFaultPlan extends Timed {
  readonly fault: UsedOwnFault;
}

export type FaultPlan<Proxy extends string = string, Process extends string = string> =
  | ProxyFaultPlan<Proxy>
  | ProcessFaultPlan<Process>
  | OwnFaultPlan;

/** What a fold has seen so far. */
export type Finding =
  /** `unseen`: something that could have been missed would decide it; then nothing is known. */
  | { readonly state: 'pending'; readonly got: string; readonly unseen?: true }
  /** Observed, and nothing of it is to be judged by itself. */
  | { readonly state: 'idle' }
  | {
      readonly state: 'met' | 'broken';
      readonly got: string;
      readonly path?: string;
      readonly evidence: readonly number[];
    };

export type JudgedFinding = Exclude<Finding, { readonly state: 'idle' }>;

/** A fold over the events of one stage: it starts at `begin`, and `step` sees every event observed in the stage, in order. */
export interface Observation {
  /** In words: "the coinapi breaker opens". */
  readonly text: string;
  readonly allowed: string;
  /** Signals of the runbook that it watches, so that a misspelt one is reported before anything is broken. */
  readonly signals?: readonly string[];
  /** A role of the runbook that it reads by. */
  readonly role?: 'breaker';
  begin(context: ObservationContext): Observer;
}

export interface ObservationContext {
  /** UTC ms from which on events count: the beginning of the stage, after any settling time. */
  readonly since: number;
  /** Everything the run wrote before the stage began. */
  readonly before: readonly SiagaEvent[];
  /** Which source each signal is judged from, its bucket, and how many samples make it known. */
  readonly judge: JudgeSpec;
}

export interface Observer {
  /** What is known after this event; `undefined` where it says nothing new. Pending means: no data, which is never met. */
  step(event: SiagaEvent): Finding | undefined;
  /** What is known when the stage is over, where that needs the whole of it. Default: the last finding. */
  finish?(): JudgedFinding;
  /** How much of the stage is known. Without it, one observation stands for all of it. */
  readonly coverage?: Coverage;
}

export interface Expectation {
  readonly mode: 'within' | 'throughout' | 'never';
  /** For `within`: the deadline, real time. Default: the end of the stage, which in `after` is the runbook's deadline for a recovery. */
  readonly deadline?: Duration;
  /** For `throughout` and `never`: the time from the stage's beginning that is left out. Default none. */
  readonly settling?: Duration;
  readonly observation: Observation;
}

/** An experiment as data. */
export interface Experiment<Proxy extends string = string, Process extends string = string> {
  /** Unique in the project; kebab-case. */
  readonly name: string;
  readonly title?: string;
  readonly requirements: readonly string[];
  /** What is believed, in a sentence a reader can disagree with. */
  readonly hypothesis: string;
  readonly target: {
    readonly name: string;
    readonly proxies: Readonly<Record<Proxy, unknown>>;
    readonly processes?: Readonly<Record<Process, unknown>>;
  };
  /** Runs only where it is named: no game day that names none takes it up. Default false. */
  readonly onlyByName?: boolean;
  /** Checks that must pass, undegraded, before anything is broken. Never empty. */
  readonly steadyState: readonly [AnyCheck, ...AnyCheck[]];
  /** Steady state as states: `{ fallback: false }`. */
  readonly steadyStates?: Readonly<Record<string, boolean | string | number>>;
  /** Load that runs throughout; inherited where a game day already drives one. */
  readonly load: { readonly scenario: string; readonly rate: number };
  /** Checks sampled continuously, each at its `every`. Default: the steady state's. */
  readonly watch?: readonly AnyCheck[];
  /** Toggles set before the fault, through the runbook's own way; put back at the end. */
  readonly prepare?: Readonly<Record<string, string>>;
  readonly faults: readonly [FaultPlan<Proxy, Process>, ...FaultPlan<Proxy, Process>[]];
  /** Signals that may fire, and `hard-down` where the system may be down altogether. Any other aborts and rolls back. */
  readonly expects: readonly string[];
  /** Set once DEGRADED is declared, by the runbook's own way. */
  readonly containment?: Readonly<Record<string, string>>;
  /** Contain only once this signal has fired, to see that it does. Default: as soon as an incident is declared. */
  readonly containWhen?: string;
  readonly during: readonly Expectation[];
  /** Judged from the removal of the last fault. */
  readonly after: readonly Expectation[];
}

/** In `expects`: the system may be declared down altogether. */
export const hardDown = 'hard-down';

export type AnyExperiment = Experiment;

/** Declares an experiment; only infers, so that an unknown proxy or process does not compile. */
export function defineExperiment<Proxy extends string, Process extends string = string>(
  experiment: Experiment<Proxy, Process>,
): Experiment<Proxy, Process> {
  return experiment;
}
