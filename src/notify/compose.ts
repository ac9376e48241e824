import type { IncidentTransition } from '../event/incident.ts';
import type { MessageRequested } from '../event/message.ts';
import type { ChannelFacts, Language, Words } from './facts.ts';
import type { Story } from './story.ts';
import { english } from './texts/en.ts';
import { indonesian } from './texts/id.ts';
import { fit } from './texts/lines.ts';

/** Longest text of a message, in UTF-16 units: Telegram's limit. */
export const longestText = 4_096;

export const words: Readonly<Record<Language, Words>> = { id: indonesian, en: english };

/** Begins the reason of a message that was not sent because a later one tells the same. */
export const combinedInto = 'told by the combined message ';

/** A message as it is requested: its text is fit for every channel. */
export function request(
  { channel, number }: { readonly channel: ChannelFacts; readonly number: number },
  { incident, ordinal }: Pick<IncidentTransition, 'incident' | 'ordinal'>,
  template: MessageRequested['template'],
  lines: readonly string[],
): { readonly type: 'message.requested'; readonly data: MessageRequested } {
  const data: MessageRequested = {
    message: `${incident}.${channel.name}.${number}`,
    incident,
    transition: ordinal,
    channel: channel.name,
    template,
    text: fit(lines.join('\n'), longestText),
  };
  return { type: 'message.requested', data };
}

/** What a channel was asked to tell of an incident. */
export function sentTo({ requests }: Story, { name }: ChannelFacts, incident: string | undefined) {
  return requests.filter((one) => one.incident === incident && one.channel === name);
}

/** Whether some channel would not take the message of this transition. */
export function refused(
  { requests, dead }: Story,
  { incident, ordinal }: Pick<IncidentTransition, 'incident' | 'ordinal'>,
): boolean {
  return requests.some(({ message, incident: of, transition }) => {
    const reason = dead.get(message);
    return (
      of === incident && transition === ordinal && reason !== undefined && !reason.startsWith(combinedInto)
    );
  });
}
