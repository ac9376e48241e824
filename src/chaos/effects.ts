import type { Driver, Effect } from '../effect/contract.ts';
import type { Json } from '../kernel/json.ts';
import { toxicNames } from './names.ts';
import type { AnyInjection, FaultPort, Guard, Injection, ProcessFaults, ProxyState } from './ports.ts';

export interface Drivers {
  readonly faults: FaultPort;
  readonly processes: ProcessFaults;
  readonly guard: Guard;
}

/** The change that a fault is. */
export const effectOf = (injection: AnyInjection, { faults, processes, guard }: Drivers): Promise<Effect> =>
  'proxy' in injection ? toxics(faults, guard).prepare(injection) : processes.prepare(injection);

/** What a fault is on, by its name in the target. */
export const subjectOf = (injection: AnyInjection): string =>
  'proxy' in injection ? injection.proxy : injection.process;

/** Faults of proxies, as Toxiproxy makes them. */
function toxics(faults: FaultPort, guard: Guard): Driver<Injection> {
  // Without its guard the undo goes on all the same.
  const recreating = (proxy: ProxyState) => guard.recreating(proxy).catch(() => undefined);
  return {
    prepare: async (injection) => ({
      recipe: { replay: 'toxiproxy', url: faults.url, proxy: injection.proxy, toxics: toxicNames(injection) },
      inject: async () => (await faults.inject(injection)) as unknown as Json,
      confirm: () => faults.readBack(injection),
      undo: () => faults.remove(injection, recreating),
    }),
  };
}
