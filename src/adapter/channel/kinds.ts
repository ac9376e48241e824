import type { MessageChannel } from '../../notify/ports.ts';
import type { Channel } from '../../project/target.ts';
import { telegramChannel } from './telegram.ts';
import { webhookChannel } from './webhook.ts';

type Kind = Channel['kind'];
type Open<C extends Channel> = (options: C & { readonly name: string }) => MessageChannel;

/** How a channel of each kind is opened. Its options are judged by `channelShapes` in `project/config-shape.ts`. */
const openers: { readonly [K in Kind]: Open<Extract<Channel, { kind: K }>> } = {
  telegram: telegramChannel,
  webhook: webhookChannel,
};

/** The configured channels, their variables already filled in. */
export function openChannels(channels: Readonly<Record<string, Channel>>): readonly MessageChannel[] {
  return Object.entries(channels).map(([name, channel]) => open(name, channel));
}

// By its kind a channel is of the one type that its opener takes; the compiler does not follow that.
function open<K extends Kind>(name: string, channel: Extract<Channel, { kind: K }>): MessageChannel {
  return openers[channel.kind as K]({ name, ...channel });
}
