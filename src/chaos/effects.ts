import type { Driver, Effect } from '../effect/contract.ts';
import type { Json } from '../kernel/json.ts';
import type { Pending, Recipe } from '../effect/recipe.ts';
import { kindOf } from './fault-kinds.ts';
import { faultId, toxicNames } from './names.ts';
import type {
  AnyInjection,
  FaultPort,
  Guard,
  Injection,
  OwnFaults,
  ProcessFaults,
  ProxyState,
} from './ports.ts';

export interface Drivers {
  readonly faults: FaultPort;
  readonly processes: ProcessFaults;
  readonly own: OwnFaults;
  readonly guard: Guard;
}

/** The change that a fault is. */
export function effectOf(injection: AnyInjection, drivers: Drivers): Promise<Effect> {
  const { faults, processes, own, guard } = drivers;
  if ('proxy' in injection) return toxics(faults, guard).prepare(injection);
  return 'process' in injection ? processes.prepare(injection) : own.prepare(injection);
}

/** What a fault is on, by its name in the target. */
export function subjectOf(injection: AnyInjection): string {
  if ('proxy' in injection) return injection.proxy;
  return 'process' in injection ? injection.process : kindOf(injection.fault);
}

/** What the guard is told of a fault. */
export function pendingOf(injection: AnyInjection, recipe: Recipe): Pending {
  const fault = faultId(injection.owner);
  const facts = { fault, proxy: subjectOf(injection) };
  return { id: `${injection.owner.run} ${fault}`, order: 'first', fault: facts, recipe };
}

/** Faults of proxies, as Toxiproxy makes them. */
function toxics(faults: FaultPort, guard: Guard): Driver<Injection> {
  return {
    async prepare(injection) {
      const { proxy } = injection;
      const recipe = { replay: 'toxiproxy', url: faults.url, proxy, toxics: toxicNames(injection) } as const;
      // Without its guard the undo goes on all the same.
      const recreating = (deleted: ProxyState) =>
        guard.pending(pendingOf(injection, { ...recipe, deleted })).catch(() => undefined);
      return {
        recipe,
        inject: async () => (await faults.inject(injection)) as unknown as Json,
        confirm: () => faults.readBack(injection),
        undo: () => faults.remove(injection, recreating),
      };
    },
  };
}
