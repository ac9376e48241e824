import { show } from '../../kernel/nearest.ts';
import { parseDuration } from '../../kernel/duration.ts';
import { messageOf } from '../../kernel/errors.ts';
import { redactor } from '../../kernel/redact.ts';
import { isRecord } from '../../kernel/shape.ts';
import type { Delivery, MessageChannel } from '../../notify/ports.ts';
import type { SelectedOwnChannel } from '../../project/channels.ts';
import { callOwn } from '../own-code.ts';
import { defaultTimeoutMs } from './ask.ts';

const mostAttempts = 10;
const longestReason = 200;

/** A channel of a kind that the project defines. Whatever its code does, one attempt ends in time and with a result. */
export function ownChannel(channel: SelectedOwnChannel & { readonly name: string }): MessageChannel {
  const { name, definition, options, secrets } = channel;
  const redact = redactor(secrets);
  const call = {
    part: `channel ${name}`,
    timeoutMs: parseDuration(definition.timeout ?? '') ?? defaultTimeoutMs,
  };
  const safe = (reason: string): string =>
    redact(reason.replaceAll(/\p{Cc}+/gu, ' ').trim())
      .slice(0, longestReason)
      .toWellFormed();
  return {
    name,
    mostAttempts,
    async send(message, signal) {
      try {
        const given = structuredClone(message);
        const found: unknown = await callOwn({ ...call, signal }, (stop) =>
          definition.send(given, options, stop),
        );
        return resultOf(found, safe);
      } catch (error) {
        signal.throwIfAborted();
        return { outcome: 'retry', reason: safe(messageOf(error)) };
      }
    },
  };
}

function resultOf(found: unknown, safe: (reason: string) => string): Delivery {
  if (!isRecord(found)) return nonsense(found, safe);
  const { outcome, reason = '', afterMs } = found;
  if (outcome === 'delivered') return { outcome };
  const why = safe(typeof reason === 'string' && reason !== '' ? reason : 'it gave no reason');
  if (outcome === 'refused') return { outcome, reason: why };
  if (outcome !== 'retry') return nonsense(found, safe);
  const waits = typeof afterMs === 'number' && afterMs > 0 && afterMs <= longestWaitMs;
  return { outcome, reason: why, ...(waits && { afterMs }) };
}

const longestWaitMs = 3_600_000;

const nonsense = (found: unknown, safe: (reason: string) => string): Delivery => ({
  outcome: 'retry',
  reason: safe(`send gave ${show(found)}, not whether it was delivered, refused or to be tried again`),
});
