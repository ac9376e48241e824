import { isTakeover, leaseProxy, parseName, parseUpstream, slug } from './names.ts';
import type { Leftover, ProxyState } from './ports.ts';

/** Everything of Siaga's in a listing; the leases last, so that a target stays leased until it is whole. */
export function leftoversIn(proxies: readonly ProxyState[]): readonly Leftover[] {
  return [...proxies.flatMap(ownToxics), ...proxies.flatMap(leases)];
}

function ownToxics(proxy: ProxyState): Leftover[] {
  return proxy.toxics.flatMap((toxic) => {
    const owner = parseName(toxic.name);
    if (!owner) return [];
    const kind = owner.part === 'disabled' ? 'disabled' : 'toxic';
    return [{ kind, proxy: proxy.name, owner, toxic: toxic.name } satisfies Leftover];
  });
}

function leases(proxy: ProxyState): Leftover[] {
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

/**
 * What nobody holds any more at `now`: its own time is over, or its run has no live lease. Toxics appear only
 * under a lease, which its runner renews; so this notices a dead runner long before its faults expire.
 */
export function abandoned(proxies: readonly ProxyState[], now: number): (leftover: Leftover) => boolean {
  const live = new Set(
    leftoversIn(proxies)
      .filter((leftover) => leftover.kind === 'lease' && !isExpired(leftover, now))
      .map(({ owner }) => owner.run),
  );
  return (leftover) =>
    isExpired(leftover, now) || (leftover.kind !== 'takeover' && !live.has(leftover.owner.run));
}

export const isExpired = ({ owner }: Leftover, now: number): boolean => owner.expiresAt + clockSkewMs < now;

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
