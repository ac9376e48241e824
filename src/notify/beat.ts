import type { Draft } from '../event/envelope.ts';
import { heading } from './collect.ts';
import { phrases, request } from './compose.ts';
import type { HeartbeatFacts, MessageFacts } from './facts.ts';
import { receives } from './routing.ts';
import { heartbeatText } from './texts/messages.ts';

/** The heartbeat of one round, on each channel that receives it: written once, at its end. */
export function heartbeats(
  { at, ...round }: Pick<HeartbeatFacts, 'at' | 'verdict' | 'checks' | 'failed' | 'unclear'>,
  facts: MessageFacts,
): readonly Draft[] {
  const { channels, monitoring } = facts;
  if (monitoring === undefined) return [];
  const incident = `heartbeat ${monitoring.run}`;
  const beat = { ...heading({ drill: false, incident, effectiveAt: at }, facts, 1), ...round };
  return channels
    .filter((channel) => channel.standby !== true && receives(channel, 'heartbeat'))
    .map((channel) => {
      const text = heartbeatText(beat, phrases[channel.language]);
      return request({ channel, number: 1, facts }, { incident, ordinal: 1 }, 'HEARTBEAT', text);
    });
}
