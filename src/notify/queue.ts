import type { SiagaEvent } from '../event/envelope.ts';
import type { Clock } from '../kernel/ports.ts';
import { outboxOf, stepOutbox, type Outbox, type Pending } from './outbox.ts';

/** The messages that wait to be delivered, and a wake-up whenever they change. */
export class Queue {
  readonly #pending: Map<string, Pending>;
  #wakeUp = Promise.withResolvers<void>();

  constructor(events: readonly SiagaEvent[]) {
    this.#pending = new Map(outboxOf(events));
  }

  get outbox(): Outbox {
    return this.#pending;
  }

  take(event: SiagaEvent): void {
    if (!event.type.startsWith('message.')) return;
    stepOutbox(this.#pending, event);
    this.wake();
  }

  /** Puts messages of earlier runs in front: they were requested first. */
  adopt(earlier: Outbox): void {
    const own = [...this.#pending];
    this.#pending.clear();
    for (const [message, pending] of [...earlier, ...own]) this.#pending.set(message, pending);
    this.wake();
  }

  drop(message: string): void {
    this.#pending.delete(message);
    this.wake();
  }

  wake(): void {
    const wakeUp = this.#wakeUp;
    this.#wakeUp = Promise.withResolvers<void>();
    wakeUp.resolve();
  }

  /** Resolves at the next wake-up. */
  woken(): Promise<void> {
    return this.#wakeUp.promise;
  }

  /** Resolves at the next wake-up or after `ms`, whichever comes first. */
  async wokenWithin(ms: number, clock: Clock): Promise<void> {
    const awake = new AbortController();
    const asleep = clock.sleep(ms, awake.signal).catch(() => undefined);
    await Promise.race([asleep, this.woken()]);
    awake.abort();
  }
}
