import { redactor } from '../../kernel/redact.ts';
import { deliveryOf } from '../../notify/delivery.ts';
import type { Delivery, MessageChannel } from '../../notify/ports.ts';
import { ask, type Answer } from './ask.ts';

export interface TelegramOptions {
  readonly name: string;
  /** The bot's token. It is part of every URL, so it is removed from everything that is shown. */
  readonly token: string;
  readonly chat: string;
  /** Base URL of the Bot API. Default `https://api.telegram.org`. */
  readonly api?: string;
  /** Longest a request may take. Default 10 s. */
  readonly timeoutMs?: number;
}

/** Messages by a Telegram bot, as plain text: nothing in them is markup. */
export function telegramChannel(options: TelegramOptions): MessageChannel {
  const { name, token, chat, api = 'https://api.telegram.org', timeoutMs } = options;
  // The half behind the colon is the secret one.
  const redact = redactor([token, token.slice(token.indexOf(':') + 1)]);
  const url = `${api.replace(/\/+$/, '')}/bot${token}/sendMessage`;
  return {
    name,
    async send({ text: message, link }, signal) {
      const text = link === undefined ? message : `${message}\n${link}`;
      const body = JSON.stringify({ chat_id: chat, text, link_preview_options: { is_disabled: true } });
      const headers = { 'content-type': 'application/json' };
      return outcomeOf(await ask(url, { method: 'POST', headers, body }, { signal, timeoutMs }), redact);
    },
  };
}

/** https://core.telegram.org/bots/api#making-requests */
interface BotAnswer {
  readonly ok?: unknown;
  readonly description?: unknown;
  readonly parameters?: { readonly retry_after?: unknown };
}

function outcomeOf(answer: Answer, redact: (text: string) => string): Delivery {
  if (answer.kind === 'none') return { outcome: 'retry', reason: redact(answer.reason) };
  const said = botAnswer(answer.text);
  if (said?.ok === true) return { outcome: 'delivered' };
  // Somebody else answered: a proxy, a login page.
  if (answer.status < 300) return { outcome: 'retry', reason: 'the answer is not one of the Bot API' };
  const seconds = said?.parameters?.retry_after;
  const afterMs = typeof seconds === 'number' ? seconds * 1_000 : answer.afterMs;
  return deliveryOf(answer.status, redact(String(said?.description ?? '')).slice(0, 200), afterMs);
}

function botAnswer(text: string): BotAnswer | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}
