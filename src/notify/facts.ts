import type { Subject } from '../event/message.ts';
import type { IncidentChange } from '../event/incident.ts';
import type { JudgeSpec, Severity } from '../event/specs.ts';
import { toMs } from '../kernel/duration.ts';
import type { Runbook } from '../runbook/types.ts';

export type Language = 'id' | 'en';

export interface ChannelFacts {
  readonly name: string;
  readonly language: Language;
  /** Gets only what another channel refused. Default false. */
  readonly standby?: boolean;
  /** What it is told of. Default only `incidents`. */
  readonly receives?: readonly Subject[];
}

/** What messages need to know beyond the events. Durations are real time, never divided by the speed. */
export interface MessageFacts {
  readonly judge: JudgeSpec;
  readonly channels: readonly ChannelFacts[];
  readonly resolveWithinMs: Readonly<Record<Severity, number>>;
  /** From RECOVERED to the postmortem. */
  readonly postmortemWithinMs: number;
  /** UTC ms; transitions that became true earlier are history and announced no more. */
  readonly announceAfter: number;
  /** The run whose own troubles are told, and its target; absent where nobody is to be told of them. */
  readonly monitoring?: { readonly run: string; readonly target: string };
  /** The incident of an earlier run that this one goes on with: what nobody was told of it is told now. */
  readonly takenOver?: string;
  /** False where the store cannot be written: the message then says so. */
  readonly recorded: boolean;
}

/** The facts of a run, from its runbook. */
export function messageFacts(
  runbook: Runbook,
  judge: JudgeSpec,
  channels: readonly ChannelFacts[],
  announceAfter: number,
): MessageFacts {
  const severities = Object.entries(runbook.severities);
  const resolve = severities.map(([severity, { resolveWithin }]) => [severity, toMs(resolveWithin)]);
  return {
    judge,
    channels,
    resolveWithinMs: Object.fromEntries(resolve) as Record<Severity, number>,
    postmortemWithinMs: toMs(runbook.documents.report),
    announceAfter,
    recorded: true,
  };
}

/** What every message says of itself. */
interface Heading {
  readonly drill: boolean;
  readonly incident: string;
  /** Counts the messages of one incident on one channel, from 1. */
  readonly number: number;
  /** UTC ms. */
  readonly at: number;
  readonly zone: string;
  readonly speed: number;
  readonly recorded: boolean;
}

/** A window's figures; `null` is unknown. Lengths in ms: as the runbook names it, and as it really was. */
export interface WindowFacts {
  readonly runbookMs: number;
  readonly realMs: number;
  readonly p95: string | null;
  readonly errors: string | null;
}

export interface DegradedFacts extends Heading {
  /** Where it is not the first time. */
  readonly again?: 'reopened' | 'worsened';
  readonly severity: Severity;
  readonly symptoms: WindowFacts & { readonly n: number };
  /** The signal that fired first, and those that joined. */
  readonly causes: readonly { readonly title: string; readonly got: string; readonly limit: string }[];
  /** Whether the system says that it is on its fallback; `undefined` where nothing told. */
  readonly fallback: boolean | undefined;
  /** Toggles set to contain it. */
  readonly toggles: Readonly<Record<string, string>>;
  readonly resolveWithinMs: number;
  readonly requestId: string | undefined;
}

export interface StableFacts extends Heading {
  /** When it was first mitigated, UTC ms. */
  readonly since: number;
  readonly symptoms: WindowFacts & { readonly n: number };
  readonly fallback: boolean | undefined;
  readonly toggles: Readonly<Record<string, string>>;
  readonly owner: { readonly role: string; readonly name: string };
  /** UTC ms. */
  readonly reviewAt: number;
}

/** Something that happened to a flapping incident. */
export interface Happened {
  /** UTC ms. */
  readonly at: number;
  readonly kind: IncidentChange['kind'];
  /** Of a signal that fired: its title. */
  readonly signal?: string;
}

export interface DigestFacts extends Heading {
  /** The first says that it is flapping: so many changes since then, UTC ms. */
  readonly begins?: { readonly changes: number; readonly since: number };
  readonly severity: Severity;
  /** Since the last message, the oldest first. */
  readonly happened: readonly Happened[];
  readonly stand: string;
  /** Good minutes of the hold so far, as the runbook counts them, of how many. */
  readonly good: number;
  readonly of: number;
  /** One digest in this time, ms as the runbook counts them. */
  readonly everyMs: number;
  readonly symptoms: WindowFacts & { readonly n: number };
}

export interface RecoveredFacts extends Heading {
  /** UTC ms of the declaration. */
  readonly since: number;
  readonly five: WindowFacts & { readonly n: number };
  readonly ten: WindowFacts;
  /** Whether the provider answered when asked directly; `undefined` where it was not asked. */
  readonly provider: boolean | undefined;
  /** Toggles put back, as read back from the system. */
  readonly toggles: Readonly<Record<string, string>>;
  readonly fallback: boolean | undefined;
  readonly checksPassed: number;
  /** UTC ms. */
  readonly postmortemBy: number;
  readonly postmortemWithinMs: number;
}

/** That we cannot measure, and why. */
export interface MonitoringFacts extends Heading {
  readonly target: string;
  readonly trouble:
    | { readonly kind: 'blind'; readonly signals: readonly string[] }
    | { readonly kind: 'late'; readonly check: string; readonly reason: string };
}

/** That a round was run, and what it came to. */
export interface HeartbeatFacts extends Heading {
  readonly target: string;
  readonly verdict: 'passed' | 'failed' | 'inconclusive';
  readonly checks: {
    readonly passed: number;
    readonly failed: number;
    readonly inconclusive: number;
  };
  /** What failed first; empty where nothing did. */
  readonly reason: string;
}

/** The words of one language. Each returns whole lines, safe for a plain-text channel. */
export interface Words {
  degraded(facts: DegradedFacts): readonly string[];
  stable(facts: StableFacts): readonly string[];
  digest(facts: DigestFacts): readonly string[];
  recovered(facts: RecoveredFacts): readonly string[];
  monitoring(facts: MonitoringFacts): readonly string[];
  heartbeat(facts: HeartbeatFacts): readonly string[];
  /** Both at once, when the first never arrived. */
  combined(degraded: DegradedFacts, recovered: RecoveredFacts): readonly string[];
}
