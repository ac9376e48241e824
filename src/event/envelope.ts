import type { Catalogue, EventType } from './catalogue.ts';

/** One thing that happened. Ordered by `seq`, which the store gives; never by time. */
export interface EventOf<T extends EventType> {
  /** Version of the catalogue this was written with. */
  readonly v: 1;
  readonly seq: number;
  /** The run that wrote it. */
  readonly run: string;
  /** UTC, milliseconds, by the writing process's own time: anchored to the wall clock once, monotonic since. */
  readonly at: number;
  /** Monotonic milliseconds, for durations. */
  readonly mono: number;
  /** Identifies the process; what stands before a dot, the boot of its machine, whose processes share `mono`. */
  readonly boot: string;
  readonly type: T;
  readonly data: Catalogue[T];
  /** The store could not take this event; it is in the run's own file only. */
  readonly unrecorded?: true;
}

/** Any event: a union that narrows by `type`. */
export type SiagaEvent = { [T in EventType]: EventOf<T> }[EventType];

/** What a writer says; the store adds the rest. */
export type Draft = {
  [T in EventType]: { readonly type: T; readonly data: Catalogue[T]; readonly at?: number };
}[EventType];

/** Where runners put events. Order of calls is order of sequence. */
export interface Journal {
  readonly run: string;
  /** Appends and returns the event as stored, with its sequence. Synchronous: an undo must be on disk before its fault. */
  append(draft: Draft): SiagaEvent;
  /** Called for every event after it was stored; a listener that throws never breaks the run. Returns the unsubscribe. */
  subscribe(listener: (event: SiagaEvent) => void): () => void;
  /** The events of this run so far, in order. */
  events(): readonly SiagaEvent[];
}
