import type { EventType } from '../event/catalogue.ts';
import type { IncidentHistory } from '../event/history.ts';
import type { SiagaEvent } from '../event/envelope.ts';
import type { Store } from '../event/store.ts';
import { historyOf } from '../projection/history.ts';

/** What the history of an incident is folded from. */
const handedOnTypes: readonly EventType[] = [
  'run.started',
  'samples',
  'check.finished',
  'toggle.planned',
  'toggle.applied',
  'toggle.read',
  'incident.transition',
  'incident.resumed',
  'incident.noticed',
  'incident.history',
  'incident.entry',
];

/**
 * What the runs before this one saw of an incident, drills left out: from the run that handed it on last, or else from
 * the one that declared it, so that it stays short however long the incident lasts.
 */
export function handedOn(
  store: Pick<Store, 'read'>,
  target: string,
  incident: string,
): IncidentHistory | undefined {
  const since = beginningOf(store, target, incident);
  const events = store.read({ target, types: handedOnTypes, sinceSeq: since - 1 });
  const drills = new Set(events.filter(isDrill).map(({ run }) => run));
  return historyOf(
    events.filter(({ run }) => !drills.has(run)),
    incident,
  );
}

/** Sequence of the `run.started` of the run whose events tell the rest. */
function beginningOf(store: Pick<Store, 'read'>, target: string, incident: string): number {
  const known = store.read({ target, types: ['incident.history', 'incident.transition'] });
  const own = known.filter(
    ({ type, data }) =>
      (type === 'incident.history' || type === 'incident.transition') && data.incident === incident,
  );
  const from = own.findLast(({ type }) => type === 'incident.history') ?? own[0];
  const [begun] = from === undefined ? [] : store.read({ run: from.run, types: ['run.started'] });
  return begun?.seq ?? 1;
}

const isDrill = ({ type, data }: SiagaEvent): boolean => type === 'run.started' && data.drill;
