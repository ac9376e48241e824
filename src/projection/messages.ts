import type { EventType } from '../event/catalogue.ts';
import type { SiagaEvent } from '../event/envelope.ts';
import type { MessageRequested } from '../event/message.ts';
import type { Marker } from './model.ts';

/** A message with what became of it. */
export interface MessageLife extends MessageRequested, Marker {
  readonly failures: readonly Attempt[];
  readonly delivered?: Marker & { readonly attempt: number };
  readonly dead?: Dead;
  /** UTC ms of the last thing that happened to it, and the run that did it. */
  readonly touchedAt: number;
  readonly holder: string;
}

export interface Attempt extends Marker {
  readonly attempt: number;
  readonly reason: string;
  /** UTC ms before which it is not tried again. */
  readonly retryAtMs: number;
}

/** Nobody will get it: refused, or withdrawn because a later message tells the same. */
export interface Dead extends Marker {
  readonly reason: string;
  readonly withdrawn: boolean;
}

/** The types of events that messages are made of. */
export const messageTypes = [
  'message.requested',
  'message.delivered',
  'message.failed',
  'message.dead',
] as const satisfies readonly EventType[];

/** Nobody has it. What was withdrawn is reported by a later message, and missed by nobody. */
export const isLost = ({ delivered, dead }: MessageLife): boolean =>
  delivered === undefined && dead?.withdrawn !== true;

/** By their ids, in the order in which they were requested. */
export function foldMessages(events: readonly SiagaEvent[]): ReadonlyMap<string, MessageLife> {
  const messages = new Map<string, MessageLife>();
  for (const event of events) stepMessages(messages, event);
  return messages;
}

/** One more event. */
export function stepMessages(messages: Map<string, MessageLife>, event: SiagaEvent): void {
  const { type, at, seq, run: holder } = event;
  const became = (id: string, change: (before: MessageLife) => Partial<MessageLife>): void => {
    const before = messages.get(id);
    if (before) messages.set(id, { ...before, ...change(before), touchedAt: at, holder });
  };
  switch (type) {
    case 'message.requested': {
      const { data } = event;
      messages.set(data.message, { ...data, at, seq, failures: [], touchedAt: at, holder });
      break;
    }
    case 'message.failed': {
      const { message, attempt, reason, retryAtMs } = event.data;
      became(message, ({ failures }) => ({
        failures: [...failures, { at, seq, attempt, reason, retryAtMs }],
      }));
      break;
    }
    case 'message.delivered': {
      const { message, attempt } = event.data;
      became(message, () => ({ delivered: { at, seq, attempt } }));
      break;
    }
    case 'message.dead': {
      const { message, reason, because } = event.data;
      became(message, () => ({ dead: { at, seq, reason, withdrawn: because === 'combined' } }));
      break;
    }
    default:
  }
}
