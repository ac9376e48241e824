import type { MessageChannel } from '../../notify/ports.ts';
import type { SelectedChannel } from '../../project/channels.ts';
import { ownChannel } from './own.ts';
import { telegramChannel } from './telegram.ts';
import { webhookChannel } from './webhook.ts';

type Kind = SelectedChannel['kind'];
type Open<C extends SelectedChannel> = (options: C & { readonly name: string }) => MessageChannel;

/** How a channel of each kind is opened. Its options are judged in `project/channels.ts`. */
const openers: { readonly [K in Kind]: Open<Extract<SelectedChannel, { kind: K }>> } = {
  telegram: telegramChannel,
  webhook: webhookChannel,
  own: ownChannel,
};

/** The configured channels, their variables already filled in. */
export function openChannels(channels: Readonly<Record<string, SelectedChannel>>): readonly MessageChannel[] {
  return Object.entries(channels).map(([name, channel]) => open(name, channel));
}

// By its kind a channel is of the one type that its opener takes; the compiler does not follow that.
function open<K extends Kind>(name: string, channel: Extract<SelectedChannel, { kind: K }>): MessageChannel {
  return openers[channel.kind as K]({ name, ...channel });
}
