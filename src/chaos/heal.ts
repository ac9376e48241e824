import type { HasEnded } from '../kernel/ports.ts';
import { isHeld, leftoversIn, liveRuns, ofRun } from './leftovers.ts';
import { slug } from './names.ts';
import type { FaultPort, Leftover, Swept } from './ports.ts';

export interface HealRequest {
  /** Only what this run left. Default: every run's. */
  readonly run?: string;
  /** Also what a run still holds a lease for: it may be alive. */
  readonly force: boolean;
  /** UTC ms. */
  readonly now: number;
  /** Runs whose processes are known to have ended are dead, whatever is left of their lease's time. */
  readonly hasEnded: HasEnded;
}

export interface Healed {
  readonly swept: readonly Swept[];
  /** Left alone, because the lease of their run is still held. */
  readonly held: readonly Leftover[];
  /** Whether a run is left alone: nothing of it may be touched, its toggles neither. Absent where Toxiproxy does not say. */
  readonly stays?: (run: string) => boolean;
}

/** Undoes what dead runs left in Toxiproxy. Foreign toxics stay. */
export async function healLeftovers(faults: FaultPort, request: HealRequest): Promise<Healed> {
  const proxies = await faults.list();
  const mine = request.run === undefined ? () => true : ofRun(request.run);
  const live = liveRuns(proxies, request.now, request.hasEnded);
  const stays = (leftover: Leftover) => !request.force && isHeld(leftover, live, request.now);
  const swept = await faults.sweep((leftover) => mine(leftover) && !stays(leftover));
  return {
    swept,
    held: leftoversIn(proxies).filter((leftover) => mine(leftover) && stays(leftover)),
    stays: (run) => !request.force && live.has(slug(run)),
  };
}
