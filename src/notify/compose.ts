import type { IncidentTransition } from '../event/incident.ts';
import type { MessageRequested } from '../event/message.ts';
import type { MessageLife } from '../projection/messages.ts';
import type { ChannelFacts, Language, MessageFacts } from './facts.ts';
import type { Story } from './story.ts';
import { english } from './texts/en.ts';
import { indonesian } from './texts/id.ts';
import type { Phrases } from './texts/phrases.ts';

export const phrases: Readonly<Record<Language, Phrases>> = { id: indonesian, en: english };

/** The change that a message announces, and the last one that it announces with it. */
interface Covered extends Pick<IncidentTransition, 'incident' | 'ordinal'> {
  readonly through?: number;
}

/** A message as it is requested: its text is fit for every channel. */
export function request(
  {
    channel,
    number,
    facts,
  }: { readonly channel: ChannelFacts; readonly number: number; readonly facts: MessageFacts },
  { incident, ordinal, through = ordinal }: Covered,
  template: MessageRequested['template'],
  text: string,
): { readonly type: 'message.requested'; readonly data: MessageRequested } {
  const data: MessageRequested = {
    message: `${incident}.${channel.name}.${number}`,
    incident,
    transition: ordinal,
    ...(through !== ordinal && { through }),
    channel: channel.name,
    template,
    text,
    ...(facts.link !== undefined && { link: facts.link }),
  };
  return { type: 'message.requested', data };
}

/** What a channel was asked to tell of an incident. */
export const sentTo = (
  { messages }: Story,
  { name }: ChannelFacts,
  incident: string | undefined,
): readonly MessageLife[] => messages.filter((one) => one.incident === incident && one.channel === name);

/** The last change that these messages announce; 0 for none. */
export const lastAnnounced = (sent: readonly MessageLife[]): number =>
  Math.max(0, ...sent.map(({ transition, through = transition }) => through));

/** How long a message is tried before the standby channels get it too; real time. */
const patienceMs = 60_000;

/** Whether some channel would not take the message of this transition, or could not for too long. */
export function refused(
  { messages }: Story,
  { incident, ordinal }: Pick<IncidentTransition, 'incident' | 'ordinal'>,
  { ending = false }: Pick<MessageFacts, 'ending'>,
): boolean {
  return messages.some(({ incident: of, transition, at, touchedAt, failures, delivered, dead }) => {
    if (of !== incident || transition !== ordinal || delivered) return false;
    if (dead) return !dead.withdrawn;
    return failures.length > 0 && (ending || touchedAt - at >= patienceMs);
  });
}
