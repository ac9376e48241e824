import { pendingChanges } from '../effect/ledger.ts';
import type { FaultFacts } from '../event/catalogue.ts';
import type { SiagaEvent } from '../event/envelope.ts';
import { describeFault } from './fault-kinds.ts';
import { faultId, parseName } from './names.ts';
import type { ProxyState, ToxicState } from './ports.ts';

/** A fault of Siaga's that is in a target: what it does to its users is not the system's doing. */
export interface OwnFault {
  readonly run: string;
  /** Its id within the run. */
  readonly fault: string;
  readonly proxy: string;
  /** In words: "down", "latency of 1 s". */
  readonly what: string;
  /** UTC ms from which anybody may undo it. */
  readonly expiresAt: number;
}

/** Faults of ours in this Toxiproxy, whether their runs live or not. */
export function faultsInToxiproxy(proxies: readonly ProxyState[]): readonly OwnFault[] {
  const found = proxies.flatMap(({ name: proxy, toxics }) =>
    toxics.flatMap((toxic) => {
      const owner = parseName(toxic.name);
      if (!owner) return [];
      const { run, expiresAt } = owner;
      const what = owner.part === 'disabled' ? 'down' : describeToxic(toxic);
      return [{ run, fault: faultId(owner), proxy, what, expiresAt }];
    }),
  );
  // One of both directions is one fault.
  return [...new Map(found.map((each) => [`${each.run} ${each.fault}`, each])).values()];
}

/**
 * Faults that runs wrote down and nobody wrote down as undone: what is known where Toxiproxy cannot be asked. One whose
 * time is over is no longer known.
 * @param events the target's, of any run, in order.
 * @param now UTC ms.
 */
export function faultsInEvents(events: readonly SiagaEvent[], now: number): readonly OwnFault[] {
  return pendingChanges(events)
    .toReversed()
    .flatMap((entry) => {
      if (entry.kind !== 'fault' || entry.planned.expiresAt < now) return [];
      const { fault, proxy, expiresAt } = entry.planned;
      return [{ run: entry.run, fault, proxy, what: describeFacts(entry.planned), expiresAt }];
    });
}

const describeToxic = ({ type, attributes }: ToxicState): string => describeFacts({ kind: type, attributes });

const describeFacts = ({ kind, attributes, driver }: Pick<FaultFacts, 'kind' | 'attributes' | 'driver'>) =>
  driver === 'own' ? kind : describeFault({ kind, ...attributes });
