import type { MessageRequested } from '../event/message.ts';
import { messageOf } from '../kernel/errors.ts';
import type { DispatcherOptions } from './dispatcher.ts';
import { messageTypes, type MessageLife } from '../projection/messages.ts';
import { heads, type Queue } from './queue.ts';
import { backoffMs, nextStep, perMinute } from './pace.ts';
import type { Delivery, MessageChannel } from './ports.ts';

/** Delivers the messages of one channel, one after another. */
export class ChannelWorker {
  readonly #channel: MessageChannel;
  readonly #queue: Queue;
  readonly #options: DispatcherOptions;
  readonly #ended: AbortSignal;
  #attempts: number[] = [];
  #closedUntil = 0;

  constructor(channel: MessageChannel, queue: Queue, options: DispatcherOptions, ended: AbortSignal) {
    this.#channel = channel;
    this.#queue = queue;
    this.#options = options;
    this.#ended = ended;
  }

  /** Runs until the dispatcher ends. */
  async serve(): Promise<void> {
    const { clock } = this.#options;
    while (!this.#ended.aborted) {
      const woken = this.#queue.woken();
      const past = { attempts: this.#attempts, closedUntil: this.#closedUntil };
      const step = nextStep(heads(this.#queue.outbox, this.#channel.name), past, clock.now());
      if (step.kind === 'idle') await woken;
      else if (step.kind === 'wait') await this.#queue.wokenWithin(step.until - clock.now(), clock);
      else await this.#deliver(step.message);
    }
  }

  async #deliver(message: MessageLife): Promise<void> {
    if (await this.#isSettledElsewhere(message)) return this.#queue.drop(message.message);
    if (this.#ended.aborted) return;
    this.#attempts = [...this.#attempts, this.#options.clock.now()].slice(-perMinute);
    const delivery = await this.#send(message);
    if (delivery !== undefined) this.#record(message, delivery);
  }

  /** `undefined` where it was broken off, so that nobody knows whether it arrived. */
  async #send(message: MessageLife): Promise<Delivery | undefined> {
    try {
      return await this.#channel.send(requested(message), this.#ended);
    } catch (error) {
      if (this.#ended.aborted) return undefined;
      return { outcome: 'retry', reason: messageOf(error) };
    }
  }

  #record({ message, channel, failures }: MessageLife, delivery: Delivery): void {
    const { journal, clock, random } = this.#options;
    const attempt = (failures.at(-1)?.attempt ?? 0) + 1;
    if (delivery.outcome === 'delivered') {
      journal.append({ type: 'message.delivered', data: { message, channel, attempt } });
    } else if (delivery.outcome === 'refused') {
      journal.append({
        type: 'message.dead',
        data: { message, channel, reason: delivery.reason, because: 'refused' },
      });
    } else if (attempt >= (this.#channel.mostAttempts ?? Number.POSITIVE_INFINITY)) {
      const reason = `given up after ${attempt} attempts: ${delivery.reason}`;
      journal.append({ type: 'message.dead', data: { message, channel, reason, because: 'failed' } });
    } else {
      const { reason, afterMs } = delivery;
      const retryAtMs = clock.now() + backoffMs(attempt, random, afterMs);
      if (afterMs !== undefined) this.#closedUntil = clock.now() + afterMs;
      journal.append({ type: 'message.failed', data: { message, channel, attempt, reason, retryAtMs } });
    }
  }

  // Another process may have delivered it, or withdrawn it for a combined message.
  async #isSettledElsewhere({ message, seq }: MessageLife): Promise<boolean> {
    let settled = false;
    await this.#options.journal.decide(
      seq,
      (events) => {
        settled = events.some(
          ({ type, data }) =>
            (type === 'message.delivered' || type === 'message.dead') &&
            'message' in data &&
            data.message === message,
        );
        return [];
      },
      messageTypes,
    );
    return settled;
  }
}

/** As it was requested, without what became of it. */
function requested(message: MessageLife): MessageRequested {
  const { at: _, seq: __, failures: ___, delivered, dead, touchedAt, holder, ...data } = message;
  return data;
}
