import type { Clock, Random } from '../kernel/ports.ts';
import { backoffMs } from './pace.ts';
import type { HeartbeatCaller } from './ports.ts';

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
