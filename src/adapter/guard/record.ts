import type { Draft } from '../../event/envelope.ts';
import { openStore } from '../../store/store.ts';
import { bootId, systemClock } from '../system.ts';

/** Writes what the guard did into the ledger of the run that died. */
export function recordDone(path: string, target: string, run: string, drafts: readonly Draft[]): void {
  const store = openStore(path);
  try {
    const journal = store.journal({ run, target, clock: systemClock, boot: bootId });
    for (const draft of drafts) journal.append(draft);
  } finally {
    store.close();
  }
}
