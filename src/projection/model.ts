import type { Criterion, Firing, HandOver, IncidentTransition, Symptoms } from '../event/incident.ts';
import type { Severity } from '../event/specs.ts';

/** When something became true, UTC ms, and the sequence of the event that says so. */
export interface Marker {
  readonly at: number;
  readonly seq: number;
}

/** A transition with the event that holds it; `at` is when it was written. */
export interface TransitionEntry extends IncidentTransition, Marker {}

export interface SeverityFacts {
  /** As it is now, or as it was at the end. */
  readonly now: Severity;
  readonly highest: Severity;
  /** Which event first said the highest. */
  readonly reached: Marker;
}

export type StatusName = 'degraded' | 'mitigated' | 'recovering' | 'verifying';
export type IncidentPhase = StatusName | 'mitigated-stable' | 'recovered' | 'closed';

/** One incident, however often it was reopened and whichever runs saw it. */
export interface IncidentFacts {
  readonly id: string;
  readonly group: string;
  readonly drill: boolean;
  readonly severity: SeverityFacts;
  readonly phase: IncidentPhase;
  /** Signals that fired, the first first. */
  readonly signals: readonly string[];
  readonly transitions: readonly TransitionEntry[];
  /** Each time it was open: from declared or reopened on. Never empty. */
  readonly episodes: readonly Episode[];
  /** Where it stood over time; neighbours of the same name are one. */
  readonly statusSpans: readonly StatusSpan[];
}

export interface Episode {
  readonly opened: Marker;
  readonly reopened: boolean;
  readonly by: Firing;
  readonly severity: SeverityFacts;
  /** Signals that fired this time, the first first. */
  readonly signals: readonly string[];
  /** The first time. */
  readonly mitigated: Marker | undefined;
  /** The last time. */
  readonly restored: Marker | undefined;
  readonly recovered: Marker | undefined;
  /** Over without RECOVERED: what it rested on has ended. */
  readonly closed: (Marker & { readonly because: ClosedBecause }) | undefined;
  /** While it is MITIGATED-STABLE. */
  readonly stable: (HandOver & Marker) | undefined;
  /** Of RECOVERED; empty before. */
  readonly criteria: readonly Criterion[];
  readonly symptoms: { readonly opened: Symptoms; readonly recovered?: Symptoms };
  /** The changes of this time, the opening one first. */
  readonly transitions: readonly TransitionEntry[];
}

export type ClosedBecause = Extract<IncidentTransition['change'], { kind: 'closed' }>['because'];

export interface StatusSpan {
  readonly name: StatusName;
  readonly from: number;
  /** `undefined` where it lasted to the last event. */
  readonly to: number | undefined;
}
