import type { Draft } from '../../event/envelope.ts';
import { openStore } from '../../store/store.ts';
import { schemaWords } from '../../event/shapes/event.ts';
import { createSecrets } from '../../kernel/redact.ts';
import { bootId, systemClock } from '../system.ts';

export interface Record {
  /** Of the store. */
  readonly path: string;
  readonly target: string;
  readonly run: string;
  /** What may not be written. */
  readonly secrets: readonly string[];
}

/** Writes what the guard did into the ledger of the run that died. */
export function recordDone({ path, target, run, secrets }: Record, drafts: readonly Draft[]): void {
  const { hide, keep } = createSecrets(schemaWords());
  keep(secrets);
  const store = openStore(path, hide);
  try {
    const journal = store.journal({ run, target, clock: systemClock, boot: bootId });
    for (const draft of drafts) journal.append(draft);
  } finally {
    store.close();
  }
}
