import type { SiagaEvent } from '../../event/envelope.ts';
import type { MessageReport } from '../model.ts';

/** Each requested message with its delivery. */
export function foldMessages(events: readonly SiagaEvent[]): readonly MessageReport[] {
  const messages = new Map<string, MessageReport>();
  for (const event of events) {
    const { at, seq } = event;
    if (event.type === 'message.requested')
      messages.set(event.data.message, { ...event.data, at, seq, failures: [] });
    if (
      event.type === 'message.failed' ||
      event.type === 'message.delivered' ||
      event.type === 'message.dead'
    ) {
      const message = messages.get(event.data.message);
      if (message !== undefined) messages.set(event.data.message, delivery(message, event));
    }
  }
  return [...messages.values()];
}

type Delivery = Extract<SiagaEvent, { type: 'message.failed' | 'message.delivered' | 'message.dead' }>;

function delivery(message: MessageReport, { type, data, at, seq }: Delivery): MessageReport {
  switch (type) {
    case 'message.failed':
      return {
        ...message,
        failures: [...message.failures, { at, seq, attempt: data.attempt, reason: data.reason }],
      };
    case 'message.delivered':
      return { ...message, delivered: { at, seq, attempt: data.attempt } };
    case 'message.dead':
      return { ...message, dead: { at, seq, reason: data.reason } };
  }
}
