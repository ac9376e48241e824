import type { Clock } from '../kernel/ports.ts';
import type { EventType } from './catalogue.ts';
import type { Draft, Journal, SiagaEvent } from './envelope.ts';

/** Who writes: the run, the target it is about, and the clocks of the process. */
export interface Writer {
  readonly run: string;
  readonly target: string;
  readonly clock: Clock;
  /** Identifies the process, and the boot of its machine where it is known. */
  readonly boot: string;
  /** Applied to every text of every event before it is written. Default: the store's own. */
  readonly hide?: (text: string) => string;
}

export interface JournalOptions extends Writer {
  /** The run's folder; its `events.ndjson` mirrors every event as it is written. Created where missing. Default: no mirror. */
  readonly folder?: string;
  /** Told once when the store, and once when the mirror, stops taking events. The run goes on. */
  readonly onProblem?: (problem: StoreProblem) => void;
}

export interface StoreProblem {
  readonly code: string;
  readonly message: string;
}

/** Reads what others wrote and says what follows. Pure: it runs inside the transaction and may run again. */
export type Decide = (events: readonly SiagaEvent[]) => readonly Draft[];

/** The journal of one run. `events()` is a live view and holds what the run had written before it was opened. */
export interface RunJournal extends Journal {
  /** False from the moment an event could not be stored; later events carry `unrecorded`. */
  readonly recorded: boolean;
  /**
   * As `Store.decide`, for this run; what it appends reaches the subscribers and the mirror too. When the store is
   * gone it decides over the events this journal knows.
   */
  decide(since: number, fold: Decide, types?: readonly EventType[]): Promise<readonly SiagaEvent[]>;
  /**
   * Writes `events.ndjson` again: complete, with what other processes wrote for this run, in order of sequence.
   * @throws {SiagaError} `run-folder-unwritable` (exit 3).
   */
  finish(): void;
}

export interface EventQuery {
  readonly run?: string;
  readonly target?: string;
  readonly types?: readonly EventType[];
  /** Only events with a higher sequence. Default 0. */
  readonly sinceSeq?: number;
  /** Only so many, the newest of them: reading a year of rounds takes time. Default all. */
  readonly newest?: number;
}

export interface RunSummary {
  readonly run: string;
  readonly target: string;
  /** UTC ms of the first event. */
  readonly startedAt: number;
  /** UTC ms of the last event. */
  readonly lastAt: number;
  readonly events: number;
  /** From `run.started` and `run.finished`, where the run wrote them. */
  readonly command?: string;
  readonly subject?: string;
  readonly verdict?: string;
  readonly exitCode?: number;
}

/** The append-only table of events that all processes of a project share. */
export interface Store {
  /** Path of the database. */
  readonly path: string;
  /** @throws {SiagaError} `run-folder-unwritable` (exit 3) where a folder is given and takes no file. */
  journal(options: JournalOptions): RunJournal;
  /**
   * Gives `fold` the events of the writer's target after `since` (of `types` only, where given) and appends what it
   * returns, as one transaction: what two processes decide at once is decided one after the other. Waits while
   * another process writes, without blocking this one, for at most 30 s.
   * @throws {SiagaError} `store-busy`, `store-full`, `store-corrupt` and their like (exit 3); whatever `fold` throws.
   */
  decide(
    writer: Writer,
    since: number,
    fold: Decide,
    types?: readonly EventType[],
  ): Promise<readonly SiagaEvent[]>;
  /** Events in order of sequence. */
  read(query?: EventQuery): readonly SiagaEvent[];
  /** Every run, the newest first. */
  runs(): readonly RunSummary[];
  close(): void;
}

/** What is on record, to be read alone. */
export type Recorded = Pick<Store, 'read' | 'runs' | 'close'>;
