import type { Json } from '../kernel/json.ts';
import type { Severity } from './specs.ts';

/**
 * One change of an incident. `ordinal` counts within the incident, so that a transition is derived, written and
 * announced once. `effectiveAt` is when it became true (the close of a bucket), which may lie before it was written.
 */
export interface IncidentTransition {
  readonly incident: string;
  readonly group: string;
  readonly ordinal: number;
  readonly effectiveAt: number;
  readonly drill: boolean;
  readonly change: IncidentChange;
  /**
   * The incident as it is after this change; absent where the change closed it, and in events from before it was
   * written. The newest one by sequence is the incident of its target, whichever run wrote it.
   */
  readonly state?: Incident;
}

/** An open incident, with all that another process needs to go on with it. */
export interface Incident {
  readonly id: string;
  readonly group: string;
  readonly severity: Severity;
  readonly drill: boolean;
  readonly signals: readonly string[];
  readonly ordinal: number;
  readonly phase: Phase;
  readonly holdBuckets: number;
  /** While it is flapping: the last digest, when (UTC ms) and which change of the incident it was. */
  readonly digest?: { readonly at: number; readonly ordinal: number };
  /** When it was declared, UTC ms. */
  readonly since: number;
  /** The run that moves it through its phases. Absent in incidents from before runs shared them. */
  readonly keeper?: string;
  /**
   * Of its signals those that generated load reported first, each with the run of that load: they rest on it. Absent where
   * none does, in drills, and in events of earlier versions.
   */
  readonly generated?: Readonly<Record<string, string>>;
}

/** How an incident stands when a digest is sent. */
export type DigestStatus = 'DEGRADED' | 'MITIGATED' | 'RECOVERING' | 'VERIFY';

/** Where an open incident stands; each phase holds only what it needs. */
export type Phase =
  | { readonly name: 'degraded' }
  | { readonly name: 'mitigated'; readonly providerGood: number; readonly fallback: Fallback }
  | { readonly name: 'restoring'; readonly proposedBy: number; readonly fallback: Fallback }
  | { readonly name: 'recovering'; readonly hold: Hold }
  | {
      readonly name: 'verifying';
      readonly hold: Hold;
      /** Core checks are asked since then, UTC ms: when VERIFY began, or a bucket after it failed. */
      readonly since: number;
      readonly results: VerifyResults;
    };

/** A fallback that lasts. `stable` once it has been handed over: MITIGATED-STABLE. */
export interface Fallback {
  /** When it was first MITIGATED, UTC ms. */
  readonly since: number;
  readonly stable?: HandOver;
}

/** The recovery clock: consecutive good buckets, and what they were. */
export interface Hold {
  /** Buckets before this one (UTC ms) do not count: the system was not yet restored. */
  readonly notBefore: number;
  readonly good: number;
  readonly unknownInRow: number;
  /** Start of the first bucket counted, for the judgement over the whole hold. */
  readonly from?: number;
}

export type VerifyResults = Readonly<Record<string, { readonly passed: boolean; readonly seq: number }>>;

export type IncidentChange =
  | {
      readonly kind: 'declared';
      readonly severity: Severity;
      readonly by: Firing;
      readonly symptoms: Symptoms;
      /** It is flapping: a digest tells of it, no message of its own. */
      readonly digested?: true;
    }
  | {
      readonly kind: 'reopened';
      readonly severity: Severity;
      readonly by: Firing;
      readonly symptoms: Symptoms;
      /** It is flapping: a digest tells of it, no message of its own. */
      readonly digested?: true;
    }
  | { readonly kind: 'signal-joined'; readonly by: Firing; readonly severity: Severity }
  /**
   * On fallback, or with the cause contained, and inside the thresholds. `still` is a signal that is not, `fails` a check
   * of it that still fails, `unknown` what fired and is not known in that bucket.
   */
  | {
      readonly kind: 'mitigated';
      readonly because: string;
      readonly still?: string;
      readonly fails?: string;
      readonly unknown?: readonly string[];
    }
  /**
   * Worse than it was: DEGRADED again where users feel it, else MITIGATED. `over` is the signal where it was one, `page`
   * where people had been promised silence: what they are told anew.
   */
  | {
      readonly kind: 'worsened';
      readonly because: string;
      readonly over?: Firing;
      readonly page?: Page;
      /** Absent in events of earlier versions. */
      readonly to?: 'degraded' | 'mitigated';
    }
  /** Mitigated for long: somebody owns it, a date says when it is looked at again, and nobody is paged meanwhile. */
  | ({ readonly kind: 'mitigated-stable'; readonly because: string } & HandOver & {
        readonly symptoms: Symptoms;
      })
  /** The provider answered well long enough when asked directly: put the toggles back. */
  | { readonly kind: 'restore-proposed'; readonly goodBuckets: number }
  /** The configuration is normal: the recovery clock starts. `toggles` as they were read back; empty where none were. */
  | { readonly kind: 'restored'; readonly toggles: Readonly<Record<string, string>> }
  | { readonly kind: 'hold-reset'; readonly because: string; readonly lostBuckets: number }
  /** All hold buckets good; the contract checks decide. */
  | { readonly kind: 'verifying' }
  | { readonly kind: 'verify-failed'; readonly failed: readonly string[] }
  | {
      readonly kind: 'recovered';
      readonly criteria: readonly Criterion[];
      readonly symptoms: Symptoms;
      /** What fired in it and is not in the project any more: nothing was asked of these. Absent: none. */
      readonly gone?: readonly string[];
    }
  /** Changed too often: the hold is longer, and messages are digests. So many changes since `since`, UTC ms. */
  | {
      readonly kind: 'flapping';
      readonly holdBuckets: number;
      readonly since?: number;
      readonly changes?: number;
      /** The period of digests; absent where there are none. */
      readonly digestMs?: number;
    }
  /** What has happened since the last digest is in the transitions; where it stands now is here. */
  | {
      readonly kind: 'digest';
      readonly since: number;
      readonly stand: DigestStatus;
      /** Good buckets of the hold so far. */
      readonly good: number;
      readonly holdBuckets: number;
      readonly symptoms: Symptoms;
    }
  | { readonly kind: 'settled' }
  /** Another run moves it from now on: the one before has ended, or fell silent. */
  | { readonly kind: 'taken-over'; readonly from: string; readonly gapMs: number }
  /** Over without a recovery: it rested on generated load that has ended, or belonged to a drill that has. */
  | { readonly kind: 'closed'; readonly because: 'load-ended' | 'drill-ended' };

/** What a page says of an incident. */
export interface Page {
  readonly severity: Severity;
  readonly by: Firing;
  readonly symptoms: Symptoms;
}

/** Who has a long fallback in hand, since when it lasts, and when it is to be reviewed; UTC ms. */
export interface HandOver {
  readonly owner: { readonly role: string; readonly name: string };
  readonly since: number;
  readonly reviewAt: number;
}

/** A signal that fired, and what it was judged by. */
export interface Firing {
  readonly signal: string;
  /** What fired where it is no signal of the runbook's, and its own name. */
  readonly subject?: FiringSubject;
  readonly got: string;
  readonly allowed: string;
  /** What was got as a number in the signal's unit, and of how many samples; `null` is unknown. */
  readonly value?: number | null;
  readonly n?: number;
  /** Start of the first bucket of the window. */
  readonly since: number;
  /** Sequences of the events judged: sample batches, answers, reads of toggles. */
  readonly evidence: readonly number[];
  /** Of a check: where in the answer which rule was broken. */
  readonly path?: string;
  readonly rule?: string;
  readonly requestId?: string;
  /** Of a check that failed too often: so many of so many answers since sampling began. */
  readonly answers?: { readonly failed: number; readonly of: number };
}

export interface FiringSubject {
  readonly kind: 'check' | 'state' | 'toggle' | 'hard-down';
  /** Of the check, state or toggle; of hard down, of the signal that says so, else the reason. */
  readonly name: string;
  /** Of hard down: what says so. */
  readonly reason?: DownReason;
}

/**
 * What says that the system is down altogether: it answers that it is not ready, no core check is answered right, it
 * refuses connections, its handshakes fail, or a signal that the runbook declares says it.
 */
export type DownReason = 'ready' | 'core-checks' | 'refused' | 'handshake' | 'signal';

/** The aggregate that messages quote, over the window of the triggers on latency and errors. `null` is unknown. */
export interface Symptoms {
  readonly windowMs: number;
  readonly p95: number | null;
  readonly errorRatio: number | null;
  readonly n: number;
  readonly requestId?: string;
}

export interface Criterion {
  readonly name: string;
  /** What it is about, for programs. Absent in events of earlier versions. */
  readonly kind?: 'signal' | 'whole-hold' | 'check' | 'configuration' | 'hard-down';
  readonly met: boolean;
  readonly got: string;
  readonly allowed: string;
  readonly evidence: readonly number[];
}

/** One bucket of a hold, with what it was judged by. */
export interface HoldBucket {
  readonly incident: string;
  readonly hold: 'restore' | 'recovery';
  readonly from: number;
  readonly band: 'good' | 'hysteresis' | 'bad' | 'unknown';
  readonly count: number;
  readonly of: number;
  /** Where the incident stands after this bucket. */
  readonly phase?: Phase;
  readonly readings: readonly {
    readonly signal: string;
    readonly n: number;
    readonly value: number | null;
    readonly band: 'good' | 'hysteresis' | 'bad' | 'unknown';
  }[];
}

/** A run took over what earlier ones left: `snapshot` lets it be judged again from this run's events alone. */
export interface IncidentResumed {
  readonly gapMs: number;
  /** Buckets that closed while nobody looked: unknown, all of them. */
  readonly unknownBuckets?: number;
  readonly snapshot: Json;
  /** What an incident that is still open went through before, without the resets of its hold. */
  readonly earlier?: readonly IncidentTransition[];
  /** This run moves the open incident from now on; without it, another run does. Absent in old events: it does. */
  readonly keeps?: boolean;
  /** The event that was judged when it was taken over in mid-run; absent at the beginning of a run. */
  readonly during?: number;
  /** The last conclusive outcome of each check in the run before: the first of two failures in a row may be there. */
  readonly lastChecks?: Readonly<Record<string, 'passed' | 'failed'>>;
}

/** What another run does to this target, or to an incident of it. */
export interface IncidentNoticed {
  readonly run: string;
  /** Of the event that said so, where one did. */
  readonly seq?: number;
  /** The event in whose judgement it was read. */
  readonly during?: number;
  readonly transition?: IncidentTransition;
  readonly bucket?: HoldBucket;
  /** That run breaks the target on purpose from now on (`on`), or has ended doing so. */
  readonly drill?: {
    readonly experiment: string;
    readonly on: boolean;
    /** It has ended and left this fault behind: proxy and what it does. */
    readonly left?: string;
  };
}
