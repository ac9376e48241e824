import type { Clock, Random } from '../kernel/ports.ts';
import { backoffMs } from './pace.ts';
import type { HeartbeatCaller } from './ports.ts';
import type { Draft } from '../event/envelope.ts';
import { heading } from './collect.ts';
import { phrases, request } from './compose.ts';
import type { HeartbeatFacts, MessageFacts } from './facts.ts';
import { receives } from './routing.ts';
import { heartbeatText } from './texts/messages.ts';

/** What a heartbeat service is pinged with: that work began, that it failed, or the exit code it ended with. */
export type Beat = 'start' | 'fail' | number;

const attempts = 3;

/** The URL of a beat in the form of Healthchecks: `/start`, `/fail` or `/<exit-status>` behind the path. */
export function beatUrl(base: string, beat: Beat): string {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${beat}`;
  return url.href;
}

/** Pings a heartbeat service, at most three times. Returns why it could not be reached; `undefined` where it was. */
export async function tellHeartbeat(
  beat: Beat,
  options: {
    readonly url: string;
    readonly caller: HeartbeatCaller;
    readonly clock: Clock;
    readonly random: Random;
    readonly signal?: AbortSignal;
  },
): Promise<string | undefined> {
  const { url, caller, clock, random, signal } = options;
  for (let attempt = 1; ; attempt++) {
    const delivery = await caller.call(beatUrl(url, beat), signal);
    if (delivery.outcome === 'delivered') return undefined;
    if (delivery.outcome === 'refused' || attempt === attempts) return delivery.reason;
    await clock.sleep(backoffMs(attempt, random), signal);
  }
}

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
