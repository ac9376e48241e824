import type { Journal, SiagaEvent } from '../event/envelope.ts';
import type { IncidentChange } from '../event/incident.ts';

/** Calls `handle` for every incident change of one kind. Returns the unsubscribe. */
export function onChange<K extends IncidentChange['kind']>(
  journal: Journal,
  kinds: readonly K[],
  handle: (change: Extract<IncidentChange, { kind: K }>, event: SiagaEvent) => void,
): () => void {
  return journal.subscribe((event) => {
    if (event.type !== 'incident.transition') return;
    const { change } = event.data;
    if ((kinds as readonly string[]).includes(change.kind))
      handle(change as Extract<IncidentChange, { kind: K }>, event);
  });
}
