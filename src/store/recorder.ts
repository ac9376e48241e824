import type { SiagaEvent } from '../event/envelope.ts';
import type { StoreProblem } from '../event/store.ts';
import type { Mirror } from './mirror.ts';

type Listener = (event: SiagaEvent) => void;

/** What a journal does with an event once it has its sequence: keeps it, mirrors it, tells the subscribers. */
export class Recorder {
  readonly #events: SiagaEvent[];
  readonly #listeners = new Set<Listener>();
  readonly #mirror: Mirror | undefined;
  readonly #tell: (problem: StoreProblem) => void;
  readonly #pending: SiagaEvent[] = [];
  #telling = false;

  constructor(options: {
    readonly earlier: readonly SiagaEvent[];
    readonly mirror: Mirror | undefined;
    readonly tell: (problem: StoreProblem) => void;
  }) {
    this.#events = [...options.earlier];
    this.#mirror = options.mirror;
    this.#tell = options.tell;
  }

  get events(): readonly SiagaEvent[] {
    return this.#events;
  }

  subscribe(listener: Listener): () => void {
    // Wrapped, so that the same function may subscribe twice and each unsubscribe ends its own.
    const own: Listener = (event) => listener(event);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  accept(events: readonly SiagaEvent[]): void {
    for (const event of events) {
      this.#events.push(event);
      this.#mirror?.write(event);
      this.#pending.push(event);
    }
    this.#notify();
  }

  // A listener may append; its event waits until everyone has seen the one before it.
  #notify(): void {
    if (this.#telling) return;
    this.#telling = true;
    for (let event = this.#pending.shift(); event; event = this.#pending.shift()) {
      for (const listener of this.#listeners) this.#isolated(listener, event);
    }
    this.#telling = false;
  }

  #isolated(listener: Listener, event: SiagaEvent): void {
    try {
      const returned: unknown = listener(event);
      // An async function is a listener to the compiler; its rejection would end the process.
      if (returned instanceof Promise) returned.catch((error: unknown) => this.#blame(error));
    } catch (error) {
      this.#blame(error);
    }
  }

  #blame(error: unknown): void {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#tell({ code: 'listener-failed', message });
  }
}

/** A teller that passes each code on once and survives the callback. */
export function onceEach(callback: ((problem: StoreProblem) => void) | undefined): (p: StoreProblem) => void {
  const reported = new Set<string>();
  return (problem) => {
    if (reported.has(problem.code)) return;
    reported.add(problem.code);
    try {
      callback?.(problem);
    } catch {
      // Telling is a courtesy; the run is what counts.
    }
  };
}
