import type { Entry } from './entry.ts';
import type { SampleSource } from './samples.ts';

/** What earlier runs saw of an incident that a run takes over: with it, the run's own events tell all of it. */
export interface IncidentHistory {
  readonly incident: string;
  /** The runs that measured it, the first first. */
  readonly runs: readonly string[];
  /** Each time it was open, in order. */
  readonly episodes: readonly EpisodeHistory[];
  /** What people had put on its record. Absent: nothing, and in events of earlier versions. */
  readonly entries?: readonly EntryHistory[];
}

export interface EntryHistory {
  /** UTC ms. */
  readonly at: number;
  readonly by: string;
  readonly entry: Entry;
}

export interface EpisodeHistory {
  /** Of the transition that opened it. */
  readonly ordinal: number;
  /** UTC ms: its start, and RECOVERED or the last event that was looked at. */
  readonly from: number;
  readonly to: number;
  /** Requests whose batch lies wholly within it, none of our own restarts touching it. */
  readonly total: RequestCounts;
  readonly rows: readonly (RequestCounts & { readonly endpoint: string; readonly source: SampleSource })[];
  /** Of the total: before it was mitigated, and while it was worse again. */
  readonly degraded: RequestCounts;
  /** The bucket with the highest share of failures; `from` in UTC ms. */
  readonly peak?: { readonly from: number; readonly requests: number; readonly errors: number };
  /** In batches that one of our own restarts touches. */
  readonly restarts: RequestCounts;
  /** In batches that lie across its start or its end. */
  readonly across: RequestCounts;
  /** Answers to checks that failed, by endpoint. Absent: none, and in events of earlier versions. */
  readonly answers?: readonly FailedAnswers[];
  readonly actions: readonly ActionFacts[];
  /** Whether the newest read of the toggles succeeded: only then is it known that nobody had set any. */
  readonly togglesKnown: boolean;
}

/** Answers to checks of an endpoint that failed. */
export interface FailedAnswers {
  readonly endpoint: string;
  /** Requests that failed and that no batch of the total or of our own restarts holds. */
  readonly errors: number;
  /** Answers that came, and were wrong or too slow. */
  readonly wrong: number;
}

/** How many requests there were, and how many of them failed; our own 429s are apart. */
export interface RequestCounts {
  readonly requests: number;
  readonly errors: number;
  readonly throttled: number;
}

/** Something that was not as it normally is: a toggle that read otherwise, or the fallback the system said it was on. */
export interface ActionFacts {
  readonly kind: 'toggle' | 'fallback';
  /** Of the toggle, or of the state that said so. */
  readonly name: string;
  readonly value: string;
  /** Of the toggle; absent for the fallback. */
  readonly normal?: string;
  /**
   * Who did it: Siaga, where it had planned that value; else a person, for a toggle does not change by itself. The
   * fallback is the system's own doing.
   */
  readonly by: 'siaga' | 'person' | 'system';
  /** Of what Siaga set: to set the stage of a drill, or against an incident. */
  readonly purpose?: 'prepare' | 'contain';
  /** UTC ms: read back, or reported, for the first time. */
  readonly from: number;
  /** UTC ms: read back normal, or reported to be over; absent while it was in force. */
  readonly to?: number;
}
