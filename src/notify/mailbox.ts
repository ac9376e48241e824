import type { SiagaEvent } from '../event/envelope.ts';
import type { Clock } from '../kernel/ports.ts';
import { outboxOf, stepOutbox, type Outbox, type Pending } from './outbox.ts';

/** The outbox as it is right now, and a bell that rings whenever it changes. */
export class Mailbox {
  readonly #pending: Map<string, Pending>;
  #bell = Promise.withResolvers<void>();

  constructor(events: readonly SiagaEvent[]) {
    this.#pending = new Map(outboxOf(events));
  }

  get outbox(): Outbox {
    return this.#pending;
  }

  take(event: SiagaEvent): void {
    if (!event.type.startsWith('message.')) return;
    stepOutbox(this.#pending, event);
    this.ring();
  }

  /** Puts messages of earlier runs in front: they were requested first. */
  adopt(earlier: Outbox): void {
    const own = [...this.#pending];
    this.#pending.clear();
    for (const [message, pending] of [...earlier, ...own]) this.#pending.set(message, pending);
    this.ring();
  }

  drop(message: string): void {
    this.#pending.delete(message);
    this.ring();
  }

  ring(): void {
    const bell = this.#bell;
    this.#bell = Promise.withResolvers<void>();
    bell.resolve();
  }

  /** Resolves at the next ring. */
  rings(): Promise<void> {
    return this.#bell.promise;
  }

  /** Resolves at the next ring or after `ms`, whichever comes first. */
  async rests(ms: number, clock: Clock): Promise<void> {
    const awake = new AbortController();
    const asleep = clock.sleep(ms, awake.signal).catch(() => undefined);
    await Promise.race([asleep, this.rings()]);
    awake.abort();
  }
}
