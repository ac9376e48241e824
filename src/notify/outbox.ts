import type { MessageRequested } from '../event/message.ts';
import type { SiagaEvent } from '../event/envelope.ts';

/** A message that was requested and neither delivered nor given up. */
export interface Pending {
  readonly request: MessageRequested;
  /** Sequence of the request. */
  readonly seq: number;
  /** Attempts so far. */
  readonly attempts: number;
  /** UTC ms before which it is not tried again; 0 for a message never tried. */
  readonly notBefore: number;
  /** Why the last attempt failed. */
  readonly reason?: string;
  /** UTC ms of the request. */
  readonly requestedAt: number;
  /** UTC ms of the last thing that happened to it. */
  readonly touchedAt: number;
  /** The run that touched it last. */
  readonly holder: string;
}

/** Requested minus delivered and dead, in order of request. */
export type Outbox = ReadonlyMap<string, Pending>;

export function outboxOf(events: readonly SiagaEvent[]): Outbox {
  const outbox = new Map<string, Pending>();
  for (const event of events) stepOutbox(outbox, event);
  return outbox;
}

/** One more event. */
export function stepOutbox(outbox: Map<string, Pending>, event: SiagaEvent): void {
  switch (event.type) {
    case 'message.requested':
      outbox.set(event.data.message, {
        request: event.data,
        seq: event.seq,
        attempts: 0,
        notBefore: 0,
        requestedAt: event.at,
        touchedAt: event.at,
        holder: event.run,
      });
      break;
    case 'message.delivered':
    case 'message.dead':
      outbox.delete(event.data.message);
      break;
    case 'message.failed': {
      const { message, attempt, reason, retryAtMs } = event.data;
      const pending = outbox.get(message);
      if (pending) {
        const failed = {
          attempts: attempt,
          notBefore: retryAtMs,
          reason,
          touchedAt: event.at,
          holder: event.run,
        };
        outbox.set(message, { ...pending, ...failed });
      }
      break;
    }
    default:
  }
}

/** The heads of a channel's queues: of each incident the oldest message, because none may overtake it. */
export function heads(outbox: Outbox, channel: string): readonly Pending[] {
  const oldest = new Map<string, Pending>();
  for (const pending of outbox.values()) {
    const { incident, channel: on } = pending.request;
    if (on === channel && !oldest.has(incident)) oldest.set(incident, pending);
  }
  return [...oldest.values()];
}
