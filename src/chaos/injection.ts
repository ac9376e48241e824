import type { FaultFacts, UndoStep } from '../event/catalogue.ts';
import type { SiagaEvent } from '../event/envelope.ts';
import type { Json } from '../kernel/json.ts';
import { Change, type ChangeTools } from '../effect/change.ts';
import type { Driver, Effect } from '../effect/contract.ts';
import { kindOf } from './fault-kinds.ts';
import { attributesOf } from './faults.ts';
import { faultId, toxicNames } from './names.ts';
import type { AnyInjection, FaultPort, Injection, OwnFaults, ProcessFaults, Undone } from './ports.ts';

/** A fault that is in. Disposing undoes it; undoing it twice is undoing it once. */
export interface ActiveFault extends AsyncDisposable {
  readonly id: string;
  readonly injection: AnyInjection;
  /** Looks whether it is still as it was set. */
  readonly confirm: Effect['confirm'];
  /** The `fault.injected` event. */
  readonly injected: SiagaEvent;
  undo(): Promise<FaultUndone>;
}

export interface FaultUndone {
  readonly undone: Undone;
  /** The `fault.removed` or `fault.stuck` event. */
  readonly event: SiagaEvent;
}

interface Drivers {
  readonly faults: FaultPort;
  readonly processes: ProcessFaults;
  readonly own: OwnFaults;
}

/** Puts a fault in. Whatever goes wrong after it was written down is undone before this rejects. */
export async function injectFault(
  tools: Drivers & ChangeTools,
  experiment: string,
  injection: AnyInjection,
  forMs: number,
): Promise<ActiveFault> {
  const facts = factsOf(injection, forMs);
  const { fault, proxy } = facts;
  const { journal, faults } = tools;
  const { run, expiresAt } = injection.owner;
  const effect = await effectOf(injection, tools);
  const data = { ...facts, experiment, toxiproxy: faults.url, expiresAt, ...shownUndo(effect) };
  const pending = { id: `${run} ${fault}`, order: 'first', fault: { fault, proxy } } as const;
  const change = await Change.plan({ effect, pending, planned: { type: 'fault.planned', data } }, tools);
  const undo = once(async () => {
    const undone = await change.undo(attempts);
    return { undone, event: journal.append(draftOf(injection, undone)) };
  });
  try {
    const readBack = await change.apply();
    const injected = journal.append({ type: 'fault.injected', data: { fault, proxy, readBack } });
    return active({ id: fault, injection, confirm: effect.confirm, injected }, undo);
  } catch (error) {
    await undo();
    throw error;
  }
}

function active(
  facts: Pick<ActiveFault, 'id' | 'injection' | 'confirm' | 'injected'>,
  undo: () => Promise<FaultUndone>,
): ActiveFault {
  return {
    ...facts,
    undo,
    async [Symbol.asyncDispose]() {
      await undo();
    },
  };
}

/** What may be written of the undo: a command stands in the project, for it may hold secrets. */
function shownUndo({ recipe }: Effect): { undo?: Json } {
  switch (recipe?.replay) {
    case 'process':
      return { undo: { ...recipe, process: { ...recipe.process } } };
    case 'module':
      return { undo: { ...recipe } };
    case 'command': {
      const { replay, env, unless } = recipe;
      return { undo: { replay, env, ...(unless && { unless: { ...unless } }) } };
    }
    default:
      return {};
  }
}

export function factsOf(injection: AnyInjection, forMs: number): FaultFacts {
  const { owner, fault } = injection;
  const where =
    'proxy' in injection
      ? ({ stream: injection.stream, toxicity: injection.toxicity } as const)
      : ({ driver: 'process' in injection ? 'process' : 'own', stream: 'both', toxicity: 1 } as const);
  return {
    fault: faultId(owner),
    proxy: subjectOf(injection),
    kind: kindOf(fault),
    attributes: attributesOf(fault),
    ...where,
    forMs,
  };
}

const attempts = 3;

function draftOf(injection: AnyInjection, undone: Undone) {
  const subject = { fault: faultId(injection.owner), proxy: subjectOf(injection) };
  if (!undone.done) return { type: 'fault.stuck', data: { ...subject, tried: undone.tried } } as const;
  const by = othersDoing.includes(undone.step) ? 'someone else' : 'runner';
  return { type: 'fault.removed', data: { ...subject, by, rung: undone.step } } as const;
}

const othersDoing: readonly UndoStep[] = ['already-gone', 'server-gone', 'process-gone'];

function once<T>(act: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => (result ??= act());
}

/** The change that a fault is. */
function effectOf(injection: AnyInjection, drivers: Drivers): Promise<Effect> {
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
