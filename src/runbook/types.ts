import type { Duration } from '../kernel/duration.ts';
import type { BreakerRole, Severity } from '../event/specs.ts';

type Quantity = Duration | `${number}%` | `${number}`;
type Comparison = '>' | '>=' | '<' | '<=' | '==';

/** A condition such as `'p95 > 650ms'`, `'rate < 1%'`, `'max > 90s'` or `'count > 10'`. Comparisons are exact: 650 ms is not `> 650ms`. */
export type When =
  `${'p50' | 'p75' | 'p90' | 'p95' | 'p99' | 'rate' | 'max' | 'min' | 'last' | 'count'} ${Comparison} ${Quantity}`;

/** Where a signal's samples come from: our checks, k6's raw points, a metric of the system, or a source that the project defines itself in `sources/`. */
export type SignalSource =
  | 'probe'
  | 'load'
  | {
      readonly metric: string;
      readonly type: 'histogram' | 'counter' | 'gauge';
      readonly labels?: Readonly<Record<string, string>>;
      readonly unit?: 'seconds';
    }
  | { readonly own: string };

export interface Signal {
  /** For people. */
  readonly title: string;
  /** What it means when it fires, in plain words for messages: "The database is slow". Default: the title. */
  readonly says?: { readonly [Language in 'id' | 'en']?: string };
  /** Requirement ids such as `R1`. */
  readonly requirements: readonly string[];
  readonly source: SignalSource;
  readonly trigger: {
    readonly when: When;
    /** How long it must last; whole minutes, 28 at most: a round that stays must be able to decide it. */
    readonly for: Duration;
  };
  /** The band that counts as good during recovery. Without it the signal takes no part in the hold. */
  readonly recovered?: When;
  readonly severity: Severity;
  /** Samples a bucket needs to be known. Default 20 for percentiles and rates, 1 otherwise. */
  readonly minSamples?: number;
  /** Signals of one group share one incident. Default `service`. */
  readonly group?: string;
  /** Signals that this one explains: they attach instead of opening their own incident. */
  readonly inhibits?: readonly string[];
}

/** A state that checks tell, and what it is when all is well. */
export interface State {
  readonly normal: boolean | string | number;
  /** Default: the state's name. */
  readonly title?: string;
  /** Default SEV-3. */
  readonly severity?: Severity;
}

export interface Toggle<SignalName extends string = string> {
  readonly purpose: string;
  readonly normal: string;
  /** The value during an incident; absent where the runbook leaves it. */
  readonly incident?: string;
  /** Signals against which a message names the incident value as the next step. Default: every signal. */
  readonly helps?: readonly SignalName[];
  /** It is a time limit, in this unit, of what these signals measure: one that reaches their trigger is a warning. */
  readonly limits?: { readonly signals: readonly SignalName[]; readonly unit: 's' | 'ms' };
  /** Its normal value is the target's rate limit for clients without a budget of their own. */
  readonly rateLimit?: true;
  readonly allowed:
    | readonly string[]
    | { readonly min: number; readonly max: number }
    | { readonly like: string };
}

export type Role = 'owner' | 'ops' | 'comms' | 'secondary';

/**
 * What is what: which signals are for what, and where the system tells the rest. A runbook that leaves this out is read
 * as one of before there were roles; see `docs/roles.md`.
 */
export interface Roles<SignalName extends string = string> {
  /** How long each request takes: every HTTP check of the target and every load feed it. Messages and reports quote it. */
  readonly latency?: SignalName;
  /** Whether each request failed; fed and quoted likewise. */
  readonly errors?: SignalName;
  /** Whether each request was answered with a 5xx; fed likewise. */
  readonly serverErrors?: SignalName;
  /** How long each WebSocket round trip takes: every WebSocket check feeds it. */
  readonly roundTrip?: SignalName;
  /** Signals that say by each reading whether the system is down altogether: `{ signal: 'database', when: 'last == 0' }`. */
  readonly down?: readonly { readonly signal: SignalName; readonly when: When }[];
  /** The state by which a check tells that it was answered degraded. Such an answer is no steady state. */
  readonly degraded?: { readonly state: string; readonly is: boolean | string | number };
  /** Tags of checks: whose 503 says that the system is not ready (default `ready`), and that every drill asks (default `state`). */
  readonly tags?: { readonly ready?: string; readonly facts?: string };
  /** Where expectations read the state of circuit breakers. A counter of transitions misses none; without it, the gauge. */
  readonly breaker?: BreakerRole;
}

/**
 * The runbook as data. Ends in `satisfies Runbook`; Node and k6 both load it, so it may import types only.
 * @typeParam SignalName `satisfies Runbook<keyof typeof signals>` lets the compiler know its signals by name.
 */
export interface Runbook<SignalName extends string = string> {
  readonly name: string;
  /** IANA zone people read times in. */
  readonly zone: string;
  readonly languages: readonly ('id' | 'en')[];
  readonly signals: Readonly<Record<SignalName, Signal>>;
  readonly roles?: Roles<SignalName>;
  /** At once an incident, without a window: this many times, this far apart at least. */
  readonly hardDown: { readonly times: number; readonly apart: Duration; readonly severity: Severity };
  readonly recovery: {
    /** How long every signal with a `recovered` band must stay good. */
    readonly for: Duration;
    /** Good time on fallback before the restore is proposed. */
    readonly restoreAfter: Duration;
    readonly wholeHold: { readonly signal: SignalName; readonly good: When; readonly minRequests: number };
    readonly maxUnknownInRow: number;
    /** Name of the check state that says the system is on its fallback. */
    readonly fallbackState: string;
    /** Name of the check state that says the provider answers when asked directly. */
    readonly providerState: string;
    /** Tag of the contract checks that must pass at the end. */
    readonly checks: string;
    readonly deadline: Duration;
    readonly reopenWithin: Duration;
    /**
     * When a fallback that lasts becomes MITIGATED-STABLE: it has an owner and a review date, and nobody is paged any
     * more until it is worse again or RECOVERED. Without it a fallback stays MITIGATED however long it lasts.
     */
    readonly stable?: {
      /** How long it must have been MITIGATED; whole minutes, divided by the speed. */
      readonly after: Duration;
      /** From then to its review; real time. */
      readonly reviewAfter: Duration;
      /** The contact who owns it, by role. */
      readonly owner: Role;
    };
  };
  readonly flapping: {
    readonly transitions: number;
    readonly within: Duration;
    readonly maxHold: Duration;
    /** While flapping, one digest in this time instead of single messages; divided by the speed. Without it: single messages. */
    readonly digestEvery?: Duration;
  };
  readonly blindAfter: Duration;
  readonly toggles: Readonly<Record<string, Toggle<SignalName>>>;
  /**
   * States that open an incident when they are not normal. The fallback state is among them with `false` as normal, the
   * provider state with `true`, unless they are given here.
   */
  readonly states?: Readonly<Record<string, State>>;
  /** Limits that belong to no signal of their own: how fast is fast, what is extreme, what a load run must reach. */
  readonly limits: Readonly<Record<string, Duration | `${number}%` | number>>;
  readonly severities: Readonly<
    Record<
      Severity,
      {
        readonly means: string;
        readonly respondWithin: Duration;
        readonly resolveWithin: Duration;
        readonly aliases: readonly string[];
      }
    >
  >;
  readonly contacts: readonly {
    readonly role: Role;
    readonly name: string;
    readonly reach: string;
  }[];
  /** Deadlines after an incident. */
  readonly documents: { readonly draft: Duration; readonly report: Duration; readonly review: Duration };
}
