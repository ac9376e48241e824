import { faultId } from '../../chaos/names.ts';
import { openStore } from '../../store/store.ts';
import { bootId, systemClock } from '../system.ts';
import type { GuardUndone } from './undo.ts';

/** Writes what the guard did into the ledger of the run that died. */
export function recordUndone(
  path: string,
  target: string,
  run: string,
  reports: readonly GuardUndone[],
): void {
  const store = openStore(path);
  try {
    const journal = store.journal({ run, target, clock: systemClock, boot: bootId });
    for (const { injection, undone } of reports) {
      const facts = { fault: faultId(injection.owner), proxy: injection.proxy };
      if (undone.done)
        journal.append({ type: 'fault.removed', data: { ...facts, by: 'guard', rung: undone.rung } });
      else journal.append({ type: 'fault.stuck', data: { ...facts, tried: undone.tried } });
    }
  } finally {
    store.close();
  }
}
