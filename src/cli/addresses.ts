import { reachable } from '../chaos/prove.ts';
import type { ProxyState } from '../chaos/ports.ts';
import type { Dependency } from '../project/target.ts';

/** Base URLs of a dependency, by the name of its proxy. */
export type Addresses = Readonly<Record<string, { readonly through: string; readonly past: string }>>;

export type ListedProxy = Pick<ProxyState, 'name' | 'listen' | 'upstream'>;

/** Where the dependencies of a target are asked through their proxies and past them. */
export function addressesOf(
  proxies: readonly ListedProxy[],
  toxiproxy: string,
  dependencies: Readonly<Record<string, Pick<Dependency, 'direct'>>>,
): Addresses {
  const entries = proxies.map(({ name, listen, upstream }) => {
    const past = dependencies[name]?.direct ?? upstream;
    return [name, { through: `http://${reachable(listen, toxiproxy)}`, past: `http://${past}` }] as const;
  });
  return Object.fromEntries(entries);
}
