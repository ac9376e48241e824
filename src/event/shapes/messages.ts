import type { Catalogue } from '../catalogue.ts';
import type { MessageDead, MessageFailed, MessageRequested } from '../message.ts';
import { list, object, oneOf, optional, record, text } from './shape.ts';
import { count, moment } from './units.ts';

export const messageRequested = object<MessageRequested>({
  message: text,
  incident: text,
  transition: count,
  through: optional(count),
  channel: text,
  template: oneOf(
    'DEGRADED',
    'UPDATE',
    'MITIGATED-STABLE',
    'DIGEST',
    'RECOVERED',
    'CLOSED',
    'COMBINED',
    'MONITORING',
    'HEARTBEAT',
  ),
  text,
  link: optional(text),
  told: optional(list(text)),
  inForce: optional(record(text)),
});

export const messageDelivered = object<Catalogue['message.delivered']>({
  message: text,
  channel: text,
  attempt: count,
});

export const messageFailed = object<MessageFailed>({
  message: text,
  channel: text,
  attempt: count,
  reason: text,
  retryAtMs: moment,
});

export const messageDead = object<MessageDead>({
  message: text,
  channel: text,
  reason: text,
  because: optional(oneOf('combined', 'refused', 'failed')),
});
