import type { Draft } from '../event/envelope.ts';
import { request, words } from './compose.ts';
import type { HeartbeatFacts, MessageFacts } from './facts.ts';
import { receives } from './routing.ts';

/** The heartbeat of one round, on each channel that receives it: written once, at its end. */
export function heartbeats(
  round: Pick<HeartbeatFacts, 'at' | 'verdict' | 'checks' | 'reason'>,
  { channels, judge, recorded, monitoring }: MessageFacts,
): readonly Draft[] {
  if (monitoring === undefined) return [];
  const { zone, speed } = judge;
  const { run, target } = monitoring;
  const incident = `heartbeat ${run}`;
  const facts = { ...round, drill: false, incident, number: 1, zone, speed, recorded, target };
  return channels
    .filter((channel) => channel.standby !== true && receives(channel, 'heartbeat'))
    .map((channel) => {
      const lines = words[channel.language].heartbeat(facts);
      return request({ channel, number: 1 }, { incident, ordinal: 1 }, 'HEARTBEAT', lines);
    });
}
