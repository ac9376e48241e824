import type { SiagaEvent } from '../event/envelope.ts';
import type { Clock } from '../kernel/ports.ts';
import { foldMessages, stepMessages, type MessageLife } from '../projection/messages.ts';

/** What was requested and neither delivered nor given up, in order of request. */
export type Outbox = ReadonlyMap<string, MessageLife>;

export const outboxOf = (events: readonly SiagaEvent[]): Outbox =>
  new Map([...foldMessages(events)].filter(([, message]) => isOpen(message)));

const isOpen = ({ delivered, dead }: MessageLife): boolean => delivered === undefined && dead === undefined;

/** The heads of a channel's queues: of each incident the oldest message, because none may overtake it. */
export function heads(outbox: Outbox, channel: string): readonly MessageLife[] {
  const oldest = new Map<string, MessageLife>();
  for (const message of outbox.values())
    if (message.channel === channel && !oldest.has(message.incident)) oldest.set(message.incident, message);
  return [...oldest.values()];
}

/** The messages that wait to be delivered, and a wake-up whenever they change. */
export class Queue {
  readonly #pending: Map<string, MessageLife>;
  #wakeUp = Promise.withResolvers<void>();

  constructor(events: readonly SiagaEvent[]) {
    this.#pending = new Map(outboxOf(events));
  }

  get outbox(): Outbox {
    return this.#pending;
  }

  take(event: SiagaEvent): void {
    if (!event.type.startsWith('message.')) return;
    stepMessages(this.#pending, event);
    for (const [id, message] of this.#pending) if (!isOpen(message)) this.#pending.delete(id);
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
