import { drillInToxiproxy, drillInEvents, type ActiveDrill } from '../chaos/active-drill.ts';
import { faultsInToxiproxy, faultsInEvents, type OwnFault } from '../chaos/own-faults.ts';
import type { Session } from './session-types.ts';

/** What Siaga itself does to a target at this moment, by any of its runs. */
export interface OwnDoing {
  /** Who has the right to break it; this session's own run too. */
  readonly drill?: ActiveDrill;
  readonly faults: readonly OwnFault[];
}

/**
 * Asks the target's Toxiproxy, where it has one that answers (within 2 s), and the events of this project: a drill
 * that either tells of is on. Faults are as Toxiproxy lists them, or as they are written down where it is silent.
 */
export async function ownDoing({
  platform,
  target,
  store,
}: Pick<Session, 'platform' | 'target' | 'store'>): Promise<OwnDoing> {
  const { toxiproxy, name } = target;
  const proxies =
    toxiproxy === undefined
      ? undefined
      : await platform
          .faults(toxiproxy)
          .list()
          .catch(() => undefined);
  const { hasEnded } = platform;
  const now = platform.clock.now();
  const events = store.read({ target: name, types: ['drill.lease', 'fault.planned', 'fault.removed'] });
  const drill = drillInToxiproxy(proxies ?? [], now, hasEnded) ?? drillInEvents(events, now, hasEnded);
  const faults = proxies ? faultsInToxiproxy(proxies) : faultsInEvents(events, now);
  return { faults, ...(drill && { drill }) };
}
