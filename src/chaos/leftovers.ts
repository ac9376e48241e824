import { isTakeover, leaseProxy, parseName, parseUpstream, slug } from './names.ts';
import type { HasEnded } from '../kernel/ports.ts';
import type { Holder } from './names.ts';
import type { FaultPort, Leftover, LeftoverUndone, ProxyState } from './ports.ts';

/** Everything of Siaga's in a listing; the leases last, so that a target stays leased until it is whole. */
export function leftoversIn(proxies: readonly ProxyState[]): readonly Leftover[] {
  return [...proxies.flatMap(ownToxics), ...proxies.flatMap(leasesIn)];
}

function ownToxics(proxy: ProxyState): Leftover[] {
  return proxy.toxics.flatMap((toxic) => {
    const owner = parseName(toxic.name);
    if (!owner) return [];
    const kind = owner.part === 'disabled' ? 'disabled' : 'toxic';
    return [{ kind, proxy: proxy.name, owner, toxic: toxic.name } satisfies Leftover];
  });
}

function leasesIn(proxy: ProxyState): Leftover[] {
  const kind = proxy.name === leaseProxy ? 'lease' : isTakeover(proxy.name) ? 'takeover' : undefined;
  const owner = kind && parseUpstream(proxy.upstream);
  return kind && owner ? [{ kind, proxy: proxy.name, owner }] : [];
}

/** A clock on another machine may be this much ahead. */
export const clockSkewMs = 2_000;

export const ofRun =
  (run: string) =>
  ({ owner }: Leftover): boolean =>
    owner.run === slug(run);

/** Runs whose lease somebody still renews. Toxics appear only under a lease: without it their run is dead. */
export function liveRuns(
  proxies: readonly ProxyState[],
  now: number,
  hasEnded: HasEnded,
): ReadonlySet<string> {
  const leases = proxies.filter(({ name }) => name === leaseProxy);
  const holders = leases.flatMap(({ upstream }) => parseUpstream(upstream) ?? []);
  return new Set(holders.filter((holder) => !isOver(holder, now, hasEnded)).map(({ run }) => run));
}

/** Whether nobody holds this lease any more: its time is over, or all who held it are known to have ended. */
export function isOver(
  { expiresAt, processes = [] }: Pick<Holder, 'expiresAt' | 'processes'>,
  now: number,
  hasEnded: HasEnded,
): boolean {
  return expiresAt + clockSkewMs < now || (processes.length > 0 && processes.every(hasEnded));
}

/** Whether somebody may still be alive to undo this: its own time is not over, and its run holds its lease. */
export function isHeld(leftover: Leftover, live: ReadonlySet<string>, now: number): boolean {
  return !isExpired(leftover, now) && (leftover.kind === 'takeover' || live.has(leftover.owner.run));
}

const isExpired = ({ owner }: Leftover, now: number): boolean => owner.expiresAt + clockSkewMs < now;

/** A leftover in words: "disabled proxy coinapi (run 7f3k, until 2026-01-02T03:04:05Z)". */
export function describeLeftover(leftover: Leftover): string {
  const until = new Date(leftover.owner.expiresAt).toISOString();
  const subject = {
    toxic: 'toxic on',
    disabled: 'disabled proxy',
    lease: 'lease',
    takeover: 'takeover of a lease',
  };
  const where = leftover.kind === 'toxic' || leftover.kind === 'disabled' ? ` ${leftover.proxy}` : '';
  return `${subject[leftover.kind]}${where} (run ${leftover.owner.run}, until ${until})`;
}

export interface LeftRequest {
  /** Only what this run left. Default: every run's. */
  readonly run?: string;
  /** Also what a run still holds a lease for: it may be alive. */
  readonly force: boolean;
  /** UTC ms. */
  readonly now: number;
  /** Runs whose processes are known to have ended are dead, whatever is left of their lease's time. */
  readonly hasEnded: HasEnded;
}

export interface LeftUndone {
  readonly undone: readonly LeftoverUndone[];
  /** Left alone, because the lease of their run is still held. */
  readonly held: readonly Leftover[];
  /** Whether a run is left alone: nothing of it may be touched, its toggles neither. Absent where Toxiproxy does not say. */
  readonly stays?: (run: string) => boolean;
}

/** Undoes what dead runs left in Toxiproxy. Foreign toxics stay. */
export async function undoAbandoned(faults: FaultPort, request: LeftRequest): Promise<LeftUndone> {
  const proxies = await faults.list();
  const mine = request.run === undefined ? () => true : ofRun(request.run);
  const live = liveRuns(proxies, request.now, request.hasEnded);
  const stays = (leftover: Leftover) => !request.force && isHeld(leftover, live, request.now);
  const undone = await faults.undoLeft((leftover) => mine(leftover) && !stays(leftover));
  return {
    undone,
    held: leftoversIn(proxies).filter((leftover) => mine(leftover) && stays(leftover)),
    stays: (run) => !request.force && live.has(slug(run)),
  };
}
