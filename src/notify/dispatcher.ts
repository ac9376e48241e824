import type { SiagaEvent } from '../event/envelope.ts';
import type { RunJournal } from '../event/store.ts';
import type { Clock, Random } from '../kernel/ports.ts';
import { ChannelWorker } from './channel-worker.ts';
import { messageTypes, type MessageLife } from '../projection/messages.ts';
import { outboxOf, Queue, type Outbox } from './queue.ts';
import type { MessageChannel } from './ports.ts';

export interface DispatcherOptions {
  readonly journal: RunJournal;
  readonly channels: readonly MessageChannel[];
  readonly clock: Clock;
  readonly random: Random;
  /** Ends it: nothing is sent any more, what is being sent is broken off. */
  readonly signal: AbortSignal;
  /** Whether a run is known to have ended. Default: of none it is known. */
  readonly runEnded?: (run: string) => boolean;
}

/** A message nobody received. */
export interface Undelivered {
  readonly message: string;
  readonly incident: string;
  readonly channel: string;
  readonly template: string;
  readonly attempts: number;
  readonly reason: string;
}

export interface Dispatcher {
  /** Resolves when nothing is left to deliver, or after `deadlineMs`, with what is left. */
  drain(deadlineMs: number): Promise<readonly Undelivered[]>;
  /** Ends all sending. What was not delivered stays in the outbox for a later run. */
  stop(): Promise<void>;
}

// Twice the longest backoff: whoever had the message would have tried again.
const abandonedMs = 600_000;

/**
 * Delivers what is in the outbox, at least once, one message at a time on each channel. A message that an earlier run
 * of this target left undelivered is taken over at once where that run has ended, else once nobody has touched it for
 * ten minutes.
 */
export function startDispatcher(options: DispatcherOptions): Dispatcher {
  const { journal, channels, signal } = options;
  const stopping = new AbortController();
  const ended = AbortSignal.any([signal, stopping.signal]);
  const queue = new Queue(journal.events());
  const unsubscribe = journal.subscribe((event) => queue.take(event));
  ended.addEventListener('abort', () => queue.wake(), { once: true });
  const opened = takeOver(queue, options);
  const work = opened.then(() =>
    Promise.all(channels.map((channel) => new ChannelWorker(channel, queue, options, ended).serve())),
  );
  // Whoever stops the dispatcher learns what broke it.
  work.catch(() => stopping.abort());
  return {
    async drain(deadlineMs) {
      await opened;
      return drain(queue, options, ended, deadlineMs);
    },
    async stop() {
      stopping.abort();
      unsubscribe();
      await work;
    },
  };
}

async function takeOver(queue: Queue, options: DispatcherOptions): Promise<void> {
  const { journal, clock, channels, runEnded = () => false } = options;
  let left: Outbox = new Map();
  const look = (events: readonly SiagaEvent[]): [] => {
    left = outboxOf(events.filter(({ run }) => run !== journal.run));
    return [];
  };
  await journal.decide(0, look, messageTypes);
  const names = new Set(channels.map(({ name }) => name));
  const now = clock.now();
  const abandoned = [...left].flatMap(([id, message]) => {
    const { channel, touchedAt, holder } = message;
    const ended = names.has(channel) && runEnded(holder);
    if (!names.has(channel) || (!ended && Math.abs(now - touchedAt) <= abandonedMs)) return [];
    // Touched in the future: the wall clock was set back since. Then nothing is waited for until that hour comes again.
    return [[id, ended || touchedAt > now ? dueNow(message) : message] as const];
  });
  queue.adopt(new Map(abandoned));
}

const dueNow = (message: MessageLife): MessageLife => ({
  ...message,
  failures: message.failures.map((failure) => ({ ...failure, retryAtMs: 0 })),
});

async function drain(
  queue: Queue,
  { clock, channels }: DispatcherOptions,
  ended: AbortSignal,
  deadlineMs: number,
): Promise<readonly Undelivered[]> {
  const deadline = clock.monotonic() + deadlineMs;
  const names = new Set(channels.map(({ name }) => name));
  const served = (): boolean => [...queue.outbox.values()].some(({ channel }) => names.has(channel));
  while (served() && !ended.aborted) {
    const left = deadline - clock.monotonic();
    if (left <= 0) break;
    await queue.wokenWithin(left, clock);
  }
  return [...queue.outbox.values()].map((message) => undelivered(message, names));
}

function undelivered(
  { message, incident, channel, template, failures }: MessageLife,
  names: ReadonlySet<string>,
): Undelivered {
  const { attempt = 0, reason } = failures.at(-1) ?? {};
  const why = names.has(channel) ? 'not tried yet' : 'this channel is not configured';
  return { message, incident, channel, template, attempts: attempt, reason: reason ?? why };
}
