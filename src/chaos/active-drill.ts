import type { SiagaEvent } from '../event/envelope.ts';
import type { HasEnded } from '../kernel/ports.ts';
import { isOver } from './leftovers.ts';
import { leaseProxy, parseUpstream } from './names.ts';
import type { ProxyState } from './ports.ts';

/** A drill that has the right to break the target now. What is measured meanwhile says nothing about an incident. */
export interface ActiveDrill {
  readonly run: string;
  readonly experiment?: string;
  /** UTC ms: over unless it renews its lease before. */
  readonly expiresAt: number;
}

/**
 * The drill that the events of a target tell of; none where its lease has expired or its processes have ended.
 * @param events the target's, of any run, in order; only `drill.lease` is looked at.
 * @param now UTC ms.
 */
export function drillInEvents(
  events: readonly SiagaEvent[],
  now: number,
  hasEnded: HasEnded,
): ActiveDrill | undefined {
  const last = new Map<string, ActiveDrill>();
  for (const { type, run, data } of events) {
    if (type !== 'drill.lease') continue;
    const { state, experiment, expiresAt } = data;
    if (state === 'released' || isOver(data, now, hasEnded)) last.delete(run);
    else last.set(run, { run, experiment, expiresAt });
  }
  return [...last.values()].at(-1);
}

/** The drill whose lease is in this Toxiproxy; another machine sees it too. */
export function drillInToxiproxy(
  proxies: readonly ProxyState[],
  now: number,
  hasEnded: HasEnded,
): ActiveDrill | undefined {
  const marker = proxies.find(({ name }) => name === leaseProxy);
  const holder = marker && parseUpstream(marker.upstream);
  if (!holder || isOver(holder, now, hasEnded)) return undefined;
  const { run, experiment, expiresAt } = holder;
  return { run, expiresAt, ...(experiment !== undefined && { experiment }) };
}
