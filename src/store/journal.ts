import type { EventType } from '../event/catalogue.ts';
import type { Draft, SiagaEvent } from '../event/envelope.ts';
import type { Decide, JournalOptions, RunJournal, StoreProblem } from '../event/store.ts';
import { isStoreFault, type StoreFault } from './fault.ts';
import { Mirror } from './mirror.ts';
import { Recorder, onceEach } from './recorder.ts';
import { ClockSteps } from './steps.ts';
import { stamp } from './stamp.ts';

/** What a journal needs of a store. Each throws a store fault where the store will not do it. */
export interface Backing {
  insert(draft: Draft): SiagaEvent;
  /** `accept` is called in the same turn as the commit, so that no later event overtakes. */
  decide(question: Question, accept: (events: readonly SiagaEvent[]) => void): Promise<void>;
  /** Everything any process has stored for this run. */
  all(): readonly SiagaEvent[];
}

export interface Question {
  readonly since: number;
  readonly fold: Decide;
  readonly types?: readonly EventType[] | undefined;
}

// Unrecorded events are numbered far above the store's sequence, where no other process will ever be.
const unrecordedGap = 1_000_000;

/** A journal that outlives its store. */
export class StoreJournal implements RunJournal {
  readonly run: string;
  readonly #options: JournalOptions;
  readonly #backing: Backing;
  readonly #recorder: Recorder;
  readonly #mirror: Mirror | undefined;
  readonly #tell: (problem: StoreProblem) => void;
  readonly #steps: ClockSteps;
  #lastSeq: number;
  #recorded = true;

  constructor(options: JournalOptions, backing: Backing) {
    this.run = options.run;
    this.#options = options;
    this.#backing = backing;
    this.#steps = new ClockSteps(options.clock);
    this.#tell = onceEach(options.onProblem);
    this.#mirror = options.folder === undefined ? undefined : new Mirror(options.folder, this.#tell);
    const earlier = backing.all();
    this.#lastSeq = earlier.at(-1)?.seq ?? 0;
    this.#recorder = new Recorder({ earlier, mirror: this.#mirror, tell: this.#tell });
  }

  get recorded(): boolean {
    return this.#recorded;
  }

  events(): readonly SiagaEvent[] {
    return this.#recorder.events;
  }

  subscribe(listener: (event: SiagaEvent) => void): () => void {
    return this.#recorder.subscribe(listener);
  }

  append(draft: Draft): SiagaEvent {
    this.#noteStep();
    return this.#write(draft);
  }

  #write(draft: Draft): SiagaEvent {
    const event = this.#stored(draft) ?? this.#unrecorded(draft);
    this.#accept([event]);
    return event;
  }

  async decide(since: number, fold: Decide, types?: readonly EventType[]): Promise<readonly SiagaEvent[]> {
    this.#noteStep();
    const appended: SiagaEvent[] = [];
    const accept = (events: readonly SiagaEvent[]): void => {
      appended.push(...events);
      this.#accept(events);
    };
    if (this.#recorded) {
      try {
        await this.#backing.decide({ since, fold, types }, accept);
        return appended;
      } catch (error) {
        this.#degrade(error);
      }
    }
    const known = this.events().filter(({ seq, type }) => seq > since && (types?.includes(type) ?? true));
    for (const draft of fold(known)) accept([this.#unrecorded(draft)]);
    return appended;
  }

  finish(): void {
    const stored = this.#allStored();
    const seen = new Set(stored.map(({ seq }) => seq));
    const own = this.events().filter(({ seq }) => !seen.has(seq));
    this.#mirror?.rewrite([...stored, ...own].toSorted((a, b) => a.seq - b.seq));
  }

  #noteStep(): void {
    const step = this.#steps.look();
    if (step !== undefined) this.#write(step);
  }

  #allStored(): readonly SiagaEvent[] {
    try {
      return this.#backing.all();
    } catch (error) {
      this.#degrade(error);
      return [];
    }
  }

  #stored(draft: Draft): SiagaEvent | undefined {
    if (!this.#recorded) return undefined;
    try {
      return this.#backing.insert(draft);
    } catch (error) {
      this.#degrade(error);
      return undefined;
    }
  }

  #unrecorded(draft: Draft): SiagaEvent {
    return { ...stamp(this.#options, draft), seq: this.#lastSeq + 1, unrecorded: true } as SiagaEvent;
  }

  #accept(events: readonly SiagaEvent[]): void {
    this.#lastSeq = events.at(-1)?.seq ?? this.#lastSeq;
    this.#recorder.accept(events);
  }

  // Once only: numbers given out here must never be given out by the store again.
  #degrade(error: unknown): void {
    if (!isStoreFault(error)) throw error;
    if (!this.#recorded) return;
    this.#recorded = false;
    this.#lastSeq += unrecordedGap;
    this.#accept([this.#unrecorded(problemOf(error))]);
    this.#tell({ code: error.code, message: error.message });
  }
}

function problemOf({ code, message, facts }: StoreFault): Draft {
  const data = { code, message, ...(facts.hint === undefined ? {} : { hint: facts.hint }) };
  return { type: 'run.problem', data };
}
