import { reachable } from '../chaos/ask-around.ts';
import type { ProxyState } from '../chaos/ports.ts';
import type { Dependency } from '../project/target.ts';

/** Base URLs of a dependency, by the name of its proxy; one that is not known is left out. */
export type Addresses = Readonly<Record<string, { readonly through?: string; readonly direct?: string }>>;

export type ListedProxy = Pick<ProxyState, 'name' | 'listen' | 'upstream'>;

/** Where the dependencies of a target are asked through their proxies, and directly. */
export function addressesOf(
  proxies: readonly ListedProxy[],
  toxiproxy: string,
  dependencies: Readonly<Record<string, Pick<Dependency, 'direct'>>>,
): Addresses {
  const entries = proxies.map(({ name, listen, upstream }) => {
    const direct = dependencies[name]?.direct ?? upstream;
    return [name, { through: `http://${reachable(listen, toxiproxy)}`, direct: `http://${direct}` }] as const;
  });
  return Object.fromEntries(entries);
}

/** Where the dependencies of a target without Toxiproxy are asked: it asks them itself without a proxy in between. */
export function withoutProxy(dependencies: Readonly<Record<string, Pick<Dependency, 'direct'>>>): Addresses {
  return Object.fromEntries(
    Object.entries(dependencies).flatMap(([name, { direct }]) =>
      direct === undefined ? [] : [[name, { through: `http://${direct}`, direct: `http://${direct}` }]],
    ),
  );
}
