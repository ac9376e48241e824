import type { EventOf, SiagaEvent } from '../event/envelope.ts';
import { foldIncidents, transitionsOf } from './incidents.ts';

type Transition = EventOf<'incident.transition'>;

/** The real incidents that the run of these events opened, reopened or raised itself, the first first. */
export function openedHere(events: readonly SiagaEvent[]): readonly Transition[] {
  const known = transitionsOf(events);
  return events.flatMap((event) => {
    if (event.type !== 'incident.transition' || event.data.drill) return [];
    return isOpening(event) || isRaise(event, known) ? [event] : [];
  });
}

/** What such a change says, in a line without what was got and allowed; with the severity as it stands by now. */
export function openingWords(
  { data: { incident, change } }: Transition,
  events: readonly SiagaEvent[],
): string {
  if (!('by' in change)) return incident;
  const verb = change.kind === 'signal-joined' ? 'raised' : change.kind;
  const severity = foldIncidents(events).find(({ id }) => id === incident)?.severity.now ?? change.severity;
  return `${incident} (${severity}) ${verb}: ${change.by.signal}`;
}

const isOpening = ({ data }: Transition): boolean =>
  data.change.kind === 'declared' || data.change.kind === 'reopened';

/** Above all that it was rated at since it was opened last, as far as this run knows. */
function isRaise({ data }: Transition, known: readonly Transition[]): boolean {
  const { change, incident, ordinal } = data;
  if (change.kind !== 'signal-joined') return false;
  const before = known.filter((one) => one.data.incident === incident && one.data.ordinal < ordinal);
  const rated = before
    .slice(Math.max(0, before.findLastIndex(isOpening)))
    .flatMap((one) => ('severity' in one.data.change ? [one.data.change.severity] : []));
  return rated.length > 0 && rated.every((severity) => change.severity < severity);
}
