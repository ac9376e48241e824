import type { FaultFacts } from '../event/catalogue.ts';
import type { Journal, SiagaEvent } from '../event/envelope.ts';
import type { Json } from '../kernel/json.ts';
import type { Clock } from '../kernel/ports.ts';
import { attributesOf } from './faults.ts';
import { faultId } from './names.ts';
import type { FaultPort, Guard, Injection, ProxyState, Undone } from './ports.ts';

/** A fault that is in. Disposing takes it out; taking it out twice is taking it out once. */
export interface ActiveFault extends AsyncDisposable {
  readonly id: string;
  readonly injection: Injection;
  /** The `fault.injected` event. */
  readonly injected: SiagaEvent;
  remove(): Promise<Removed>;
}

export interface Removed {
  readonly undone: Undone;
  /** The `fault.removed` or `fault.stuck` event. */
  readonly event: SiagaEvent;
}

export interface Ledger {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly faults: FaultPort;
  readonly guard: Guard;
}

/**
 * Writes down what is about to be done, tells the guard, does it, and reads it back. Whatever goes wrong after the
 * first step is undone before this rejects.
 */
export async function injectFault(
  ledger: Ledger,
  experiment: string,
  injection: Injection,
  forMs: number,
): Promise<ActiveFault> {
  const facts = factsOf(injection, forMs);
  const { toxiproxy, expiresAt } = { toxiproxy: ledger.faults.url, expiresAt: injection.owner.expiresAt };
  ledger.journal.append({ type: 'fault.planned', data: { ...facts, experiment, toxiproxy, expiresAt } });
  await ledger.guard.planned(injection);
  const undo = once(() => takeOut(ledger, injection));
  try {
    const back = await ledger.faults.inject(injection);
    const data = { fault: facts.fault, proxy: injection.proxy, readBack: back as unknown as Json };
    const injected = ledger.journal.append({ type: 'fault.injected', data });
    return active(facts.fault, injection, injected, undo);
  } catch (error) {
    await undo();
    throw error;
  }
}

function active(
  id: string,
  injection: Injection,
  injected: SiagaEvent,
  remove: () => Promise<Removed>,
): ActiveFault {
  return {
    id,
    injection,
    injected,
    remove,
    async [Symbol.asyncDispose]() {
      await remove();
    },
  };
}

export function factsOf({ owner, proxy, fault, stream, toxicity }: Injection, forMs: number): FaultFacts {
  return {
    fault: faultId(owner),
    proxy,
    kind: fault.kind,
    attributes: attributesOf(fault),
    stream,
    toxicity,
    forMs,
  };
}

const attempts = 3;

async function takeOut({ journal, clock, faults, guard }: Ledger, injection: Injection): Promise<Removed> {
  // Without its guard the undo goes on all the same.
  const recreating = (proxy: ProxyState) => guard.recreating(proxy).catch(() => undefined);
  let undone = await faults.remove(injection, recreating);
  for (let n = 1; n < attempts && !undone.done; n++) {
    await clock.sleep(500);
    undone = await faults.remove(injection, recreating);
  }
  if (undone.done) guard.undone(injection);
  return { undone, event: journal.append(draftOf(injection, undone)) };
}

function draftOf({ owner, proxy }: Injection, undone: Undone) {
  const subject = { fault: faultId(owner), proxy };
  if (!undone.done) return { type: 'fault.stuck', data: { ...subject, tried: undone.tried } } as const;
  const by = undone.rung === 'already-gone' || undone.rung === 'server-gone' ? 'someone else' : 'runner';
  return { type: 'fault.removed', data: { ...subject, by, rung: undone.rung } } as const;
}

function once<T>(act: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => (result ??= act());
}
