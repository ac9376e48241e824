import type { Subject } from '../event/message.ts';
import type { DigestStatus, DownReason, IncidentChange } from '../event/incident.ts';
import type { Comparison, JudgeSpec, Severity } from '../event/specs.ts';
import { toMs } from '../kernel/to-ms.ts';
import type { Runbook } from '../runbook/types.ts';

export type Language = 'id' | 'en';

export interface ChannelFacts {
  readonly name: string;
  readonly language: Language;
  /** Gets only what another channel refused or could not deliver. Default false. */
  readonly standby?: boolean;
  /** What it receives. Default only `incidents`. */
  readonly receives?: readonly Subject[];
}

/** What messages need to know beyond the events. Durations are real time, never divided by the speed. */
export interface MessageFacts {
  readonly judge: JudgeSpec;
  /** The target, as people call it. */
  readonly system: string;
  readonly channels: readonly ChannelFacts[];
  /** Toggles for which the runbook has a value during incidents. */
  readonly toggles: readonly ToggleFacts[];
  readonly commands: Commands;
  /** Where the run is shown, if anywhere; stands beside the text. */
  readonly link?: string;
  readonly resolveWithinMs: Readonly<Record<Severity, number>>;
  /** From RECOVERED to the postmortem. */
  readonly postmortemWithinMs: number;
  /** UTC ms; transitions that became true earlier are history and announced no more. */
  readonly announceAfter: number;
  /** The run whose own problems are announced; absent where they are announced to nobody. */
  readonly monitoring?: { readonly run: string };
  /** The incident of an earlier run that this one goes on with: what was not announced of it is announced now. */
  readonly takenOver?: string;
  /** False where the store cannot be written: the message then says so. */
  readonly recorded: boolean;
  /** Nothing joins any more: what waits to be sent together is sent. Default false. */
  readonly gathered?: boolean;
  /** The run ends: what is not delivered by now will not be in this run. Default false. */
  readonly ending?: boolean;
}

export interface ToggleFacts {
  readonly name: string;
  readonly incident: string;
  /** Signals that it helps against; every one where absent. */
  readonly helps?: readonly string[];
}

/** Command lines that run here as they stand. */
export interface Commands {
  /** How the system is now. */
  readonly check: string;
  /** What this run found. */
  readonly report: string;
}

type Given = Pick<MessageFacts, 'system' | 'channels' | 'commands' | 'link' | 'announceAfter'>;

/** The facts of a run, from its runbook. */
export function messageFacts(runbook: Runbook, judge: JudgeSpec, given: Given): MessageFacts {
  const severities = Object.entries(runbook.severities);
  const resolve = severities.map(([severity, { resolveWithin }]) => [severity, toMs(resolveWithin)]);
  return {
    ...given,
    judge,
    toggles: Object.entries(runbook.toggles).flatMap(([name, { incident, helps }]) =>
      incident === undefined ? [] : [{ name, incident, ...(helps && { helps }) }],
    ),
    resolveWithinMs: Object.fromEntries(resolve) as Record<Severity, number>,
    postmortemWithinMs: toMs(runbook.documents.report),
    recorded: true,
  };
}

/** What every message says of itself. */
export interface Heading {
  readonly drill: boolean;
  readonly system: string;
  readonly incident: string;
  /** Counts the messages of one incident on one channel, from 1. */
  readonly number: number;
  /** UTC ms. */
  readonly at: number;
  readonly zone: string;
  readonly speed: number;
  readonly recorded: boolean;
}

/** A window's figures; `null` is unknown. Lengths in ms: as the runbook names it, and real time. */
export interface WindowFacts {
  readonly runbookMs: number;
  /** Of it this run had looked at so much; absent where it was all of it. */
  readonly lookedMs?: number;
  readonly p95: string | null;
  readonly errors: string | null;
  readonly n: number;
  /** Fewer requests than these say nothing. */
  readonly least: number;
}

/** What users feel of it, as far as it was seen. */
export type Hit =
  | { readonly kind: 'down' }
  /** What does not answer as it should: endpoints, or checks where they have none. */
  | { readonly kind: 'failing'; readonly what: readonly string[] }
  /** What answers right and too slowly, and nothing fails. */
  | { readonly kind: 'slow'; readonly what: readonly string[] }
  /** What was measured is what users wait for. */
  | { readonly kind: 'felt'; readonly says: string }
  | { readonly kind: 'errors'; readonly ratio: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown' };

/** How a check failed, as far as that is known without words. */
export interface Failure {
  readonly status?: number;
  readonly timedOut?: true;
  readonly noConnection?: 'refused' | 'handshake';
  /** A right answer, too late. */
  readonly slowOnly?: true;
  /** Where in the answer a rule was broken. */
  readonly path?: string;
}

/** What fired, and its figure. */
export type Cause =
  | {
      readonly kind: 'signal';
      readonly says: string;
      /** `null` is unknown. */
      readonly got: string | null;
      readonly comparison: Comparison;
      readonly limit: string;
    }
  | {
      readonly kind: 'check';
      readonly name: string;
      /** In English, as far as they are words. */
      readonly got: string;
      readonly allowed: string;
      readonly failure: Failure;
    }
  | {
      readonly kind: 'state' | 'toggle';
      readonly name: string;
      readonly got: string;
      readonly allowed: string;
    }
  | {
      readonly kind: 'hard-down';
      readonly reason: DownReason;
      readonly name: string;
      readonly forMs: number;
    };

/** What is in force against it. `undefined` is not known, or not there. */
export interface Actions {
  /** Toggles that do not read as they normally do. */
  readonly toggles: Readonly<Record<string, string>> | undefined;
  /** Whether the system says that it is on its fallback. */
  readonly fallback: boolean | undefined;
}

export type News = 'declared' | 'reopened' | 'worse' | 'joined' | 'acted' | 'mitigated';

/** An incident that goes on, as it was at that moment. */
export interface SituationFacts extends Heading {
  readonly news: News;
  readonly severity: Severity;
  readonly hit: Hit;
  /** The signals that it names. */
  readonly told: readonly string[];
  /** What fired, the newest first; none where nothing did. */
  readonly causes: readonly Cause[];
  /** Where it is mitigated: what is over its limit all the same. */
  readonly still?: string;
  /** Where it is mitigated: the check of it that still fails. */
  readonly fails?: string;
  /** Where it is mitigated: what fired and is not known to be well, in words. */
  readonly unknown?: readonly string[];
  readonly symptoms?: WindowFacts;
  readonly actions: Actions;
  /** Toggles that the runbook sets against it and that are not yet set. */
  readonly next: Readonly<Record<string, string>>;
  /** Toggles that fired because they are out, with their normal values. */
  readonly back: Readonly<Record<string, string>>;
  readonly command: string;
  readonly requestId?: string;
  /** The severity's target; no estimate. */
  readonly resolveWithinMs?: number;
}

export interface StableFacts extends Heading {
  readonly severity: Severity;
  /** When it was first mitigated, UTC ms. */
  readonly since: number;
  readonly symptoms: WindowFacts;
  readonly actions: Actions;
  readonly owner: string;
  /** UTC ms. */
  readonly reviewAt: number;
}

/** Something that happened to a flapping incident. */
export interface Happened {
  /** UTC ms. */
  readonly at: number;
  readonly kind: IncidentChange['kind'];
  /** Of a signal that fired: what it means. */
  readonly signal?: string;
}

export interface DigestFacts extends Heading {
  /** The first says that it is flapping: so many changes since then, UTC ms. */
  readonly begins?: { readonly changes: number; readonly since: number };
  readonly severity: Severity;
  /** Since the last message, the oldest first. */
  readonly happened: readonly Happened[];
  readonly stand: DigestStatus;
  /** Good minutes of the hold so far, as the runbook counts them, of how many. */
  readonly good: number;
  readonly of: number;
  /** One digest in this time, ms as the runbook counts them. */
  readonly everyMs: number;
  readonly symptoms: WindowFacts;
  readonly command: string;
}

export interface RecoveredFacts extends Heading {
  readonly severity: Severity;
  /** UTC ms of the declaration. */
  readonly since: number;
  readonly symptoms: WindowFacts;
  /** How long everything was good: ms as the runbook counts it. */
  readonly heldMs: number;
  /** Whether the provider answered when asked directly; `undefined` where it was not asked. */
  readonly provider: boolean | undefined;
  /** What was in force during the incident and is no more: toggles as they read now. */
  readonly restored: Actions;
  readonly checksPassed: number;
  /** What fired and is not in the project any more, in words: nothing was asked of it. */
  readonly gone: readonly string[];
  /** UTC ms. */
  readonly postmortemBy: number;
  readonly command: string;
  /** Where its beginning could not be delivered in time: what it was. */
  readonly unannounced?: readonly Cause[];
}

/** An incident that is over without a recovery: what it rested on has ended. */
export interface ClosedFacts extends Heading {
  readonly severity: Severity;
  readonly because: 'load-ended' | 'drill-ended';
  /** What began it. */
  readonly causes: readonly Cause[];
  readonly command: string;
}

/** That we cannot measure, and why. */
export interface MonitoringFacts extends Heading {
  readonly trouble:
    | { readonly kind: 'blind'; readonly signals: readonly string[] }
    | {
        readonly kind: 'late';
        readonly check: string;
        readonly latenessMs: number;
        readonly stoodStillMs: number;
      };
}

/** That a round was run, and what it came to. */
export interface HeartbeatFacts extends Heading {
  readonly verdict: HeartbeatVerdict;
  readonly checks: {
    readonly passed: number;
    readonly failed: number;
    readonly inconclusive: number;
  };
  /** What failed by name: checks, signals, states, toggles, incidents. */
  readonly failed: readonly string[];
  /** What could not be judged, by name. */
  readonly unclear: readonly string[];
}

export type HeartbeatVerdict =
  | 'passed'
  | 'failed'
  | 'inconclusive'
  | 'configuration'
  | 'rollback-failed'
  | 'interrupted'
  | 'bug';
