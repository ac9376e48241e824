import type { DatabaseSync } from 'node:sqlite';
import type { EventType } from '../event/catalogue.ts';
import type { Draft, SiagaEvent } from '../event/envelope.ts';
import type {
  Decide,
  EventQuery,
  JournalOptions,
  RunJournal,
  RunSummary,
  Store,
  Writer,
} from '../event/store.ts';
import { exclusively, openDatabase, openUnsynced, patiently } from './database.ts';
import { busyCode, isDatabaseError, isStoreFault, storeFault } from './fault.ts';
import { StoreJournal, type Question } from './journal.ts';
import { Rows } from './rows.ts';

// An append may not give up at once, and may not hold up the run for long either: 20 busy timeouts are 2 s.
const appendAttempts = 20;
const decideWithinMs = 30_000;
const longestWaitMs = 250;

/**
 * Opens the event store of a project, created where missing.
 * @param hide takes what is secret out of every text before it is written. Default: nothing is.
 * @throws {SiagaError} `store-read-only`, `store-corrupt`, `store-full`, `store-newer` or `store-busy` (exit 3).
 */
export function openStore(path: string, hide?: (text: string) => string): Store {
  return new SqliteStore(path, hide);
}

// What is only measured. Everything that says what we did, decided or owe is synced before it counts.
const figures: ReadonlySet<EventType> = new Set([
  'samples',
  'check.finished',
  'tick',
  'sampling.late',
  'sampling.dropped',
]);

class SqliteStore implements Store {
  readonly path: string;
  readonly #database: DatabaseSync;
  readonly #rows: Rows;
  readonly #unsynced: DatabaseSync;
  readonly #measured: Rows;

  readonly #hide: Pick<Writer, 'hide'>;

  constructor(path: string, hide: ((text: string) => string) | undefined) {
    this.path = path;
    this.#hide = hide === undefined ? {} : { hide };
    this.#database = openDatabase(path);
    this.#rows = new Rows(this.#database);
    this.#unsynced = openUnsynced(path);
    this.#measured = new Rows(this.#unsynced);
  }

  journal(given: JournalOptions): RunJournal {
    const options = { ...this.#hide, ...given };
    return new StoreJournal(options, {
      insert: (draft) =>
        this.#guarded(() => patiently(() => this.#rowsFor(draft).insert(options, draft), appendAttempts)),
      decide: (question, accept) => this.#decide(options, question, accept),
      all: () => this.read({ run: options.run }),
    });
  }

  #rowsFor({ type }: Draft): Rows {
    return figures.has(type) ? this.#measured : this.#rows;
  }

  async decide(
    writer: Writer,
    since: number,
    fold: Decide,
    types?: readonly EventType[],
  ): Promise<readonly SiagaEvent[]> {
    let appended: readonly SiagaEvent[] = [];
    await this.#decide({ ...this.#hide, ...writer }, { since, fold, types }, (events) => {
      appended = events;
    });
    return appended;
  }

  read(query: EventQuery = {}): readonly SiagaEvent[] {
    return this.#guarded(() => patiently(() => this.#rows.select(query), appendAttempts));
  }

  runs(): readonly RunSummary[] {
    return this.#guarded(() => patiently(() => this.#rows.runs(), appendAttempts));
  }

  close(): void {
    for (const database of [this.#unsynced, this.#database]) if (database.isOpen) database.close();
  }

  async #decide(
    writer: Writer,
    question: Question,
    accept: (events: readonly SiagaEvent[]) => void,
  ): Promise<void> {
    const { clock } = writer;
    const deadline = clock.monotonic() + decideWithinMs;
    for (let waitMs = 2; ; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
      const appended = this.#transactUnlessBusy(writer, question, clock.monotonic() >= deadline);
      if (appended) return accept(appended);
      await clock.sleep(waitMs);
    }
  }

  #transactUnlessBusy(
    writer: Writer,
    question: Question,
    lastTry: boolean,
  ): readonly SiagaEvent[] | undefined {
    try {
      return this.#guarded(() => exclusively(this.#database, () => this.#answer(writer, question)));
    } catch (error) {
      if (!lastTry && isStoreFault(error) && error.code === busyCode) return undefined;
      throw error;
    }
  }

  #answer(writer: Writer, { since, fold, types }: Question): readonly SiagaEvent[] {
    const query = { target: writer.target, sinceSeq: since, ...(types ? { types } : {}) };
    return fold(this.#rows.select(query)).map((draft) => this.#rows.insert(writer, draft));
  }

  /** Errors of the database become ours; those of the caller's own code stay what they are. */
  #guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw isDatabaseError(error) ? storeFault(error, this.path) : error;
    }
  }
}
