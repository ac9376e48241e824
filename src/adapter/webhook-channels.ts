import type { MessageChannel } from '../notify/ports.ts';
import type { Channel } from '../project/target.ts';
import { telegramChannel } from './telegram.ts';
import { webhookChannel } from './webhook.ts';

/** The configured channels, their variables already filled in. */
export function openChannels(channels: Readonly<Record<string, Channel>>): readonly MessageChannel[] {
  return Object.entries(channels).map(([name, channel]) =>
    channel.kind === 'telegram'
      ? telegramChannel({ name, ...channel })
      : webhookChannel({ name, ...channel }),
  );
}
