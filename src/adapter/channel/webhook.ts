import { calledUrlSecrets, redactor } from '../../kernel/redact.ts';
import { deliveryOf } from '../../notify/delivery.ts';
import type { Delivery, HeartbeatCaller, MessageChannel } from '../../notify/ports.ts';
import { ask, type Answer } from './ask.ts';

export interface WebhookOptions {
  readonly name: string;
  /** May hold a secret; it is never shown. */
  readonly url: string;
  /** Sent as `Authorization: Bearer`. */
  readonly bearer?: string;
  /** Longest a request may take. Default 10 s. */
  readonly timeoutMs?: number;
}

/** Messages as JSON by POST: `message` (a stable id, for receivers that drop doubles), the text, and its facts. */
export function webhookChannel({ name, url, bearer, timeoutMs }: WebhookOptions): MessageChannel {
  const redact = redactor([url, ...calledUrlSecrets(url), ...(bearer === undefined ? [] : [bearer])]);
  const headers = {
    'content-type': 'application/json',
    ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
  };
  return {
    name,
    async send(message, signal) {
      const body = JSON.stringify(message);
      return outcomeOf(await ask(url, { method: 'POST', headers, body }, { signal, timeoutMs }), redact);
    },
  };
}

/** Calls a heartbeat URL by GET. */
export const heartbeatCaller: HeartbeatCaller = {
  async call(url, signal) {
    return outcomeOf(
      await ask(url, { method: 'GET' }, { signal }),
      redactor([url, ...calledUrlSecrets(url)]),
    );
  },
};

function outcomeOf(answer: Answer, redact: (text: string) => string): Delivery {
  if (answer.kind === 'none') return { outcome: 'retry', reason: redact(answer.reason) };
  const line = answer.text.replaceAll(/\p{Cc}+/gu, ' ').trim();
  return deliveryOf(answer.status, redact(line).slice(0, 200), answer.afterMs);
}
