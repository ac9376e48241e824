import type { Driver, Effect } from '../effect/contract.ts';
import type { Json } from '../kernel/json.ts';
import { kindOf } from './fault-kinds.ts';
import { toxicNames } from './names.ts';
import type { AnyInjection, FaultPort, Injection, OwnFaults, ProcessFaults } from './ports.ts';

export interface Drivers {
  readonly faults: FaultPort;
  readonly processes: ProcessFaults;
  readonly own: OwnFaults;
}

/** The change that a fault is. */
export function effectOf(injection: AnyInjection, drivers: Drivers): Promise<Effect> {
  const { faults, processes, own } = drivers;
  if ('proxy' in injection) return toxics(faults).prepare(injection);
  return 'process' in injection ? processes.prepare(injection) : own.prepare(injection);
}

/** What a fault is on, by its name in the target. */
export function subjectOf(injection: AnyInjection): string {
  if ('proxy' in injection) return injection.proxy;
  return 'process' in injection ? injection.process : kindOf(injection.fault);
}

/** Faults of proxies, as Toxiproxy makes them. */
function toxics(faults: FaultPort): Driver<Injection> {
  return {
    async prepare(injection) {
      const { proxy } = injection;
      const recipe = { replay: 'toxiproxy', url: faults.url, proxy, toxics: toxicNames(injection) } as const;
      return {
        recipe,
        inject: async () => (await faults.inject(injection)) as unknown as Json,
        confirm: () => faults.readBack(injection),
        undo: ({ replan }) => faults.undo(injection, (deleted) => replan({ ...recipe, deleted })),
      };
    },
  };
}
