import type { EventOf, SiagaEvent } from '../event/envelope.ts';
import type { IncidentChange, IncidentTransition } from '../event/incident.ts';

type Transition = EventOf<'incident.transition'>;

/**
 * Every transition that the events of a run tell, once: its own, those that earlier runs gave an incident it took over, and
 * those that other runs made meanwhile.
 * What came from other runs cites the event that reported it, for their own events are not in this run. Those of an incident
 * come in the order in which they happened, also where this run heard of the later ones first.
 */
export function transitionsOf(events: readonly SiagaEvent[]): readonly Transition[] {
  const known = new Set<string>();
  const transitions = events.flatMap(transitionsIn).filter(({ data: { incident, ordinal } }) => {
    const key = `${incident} ${ordinal}`;
    return !known.has(key) && known.add(key);
  });
  return asTheyHappened(transitions);
}

function asTheyHappened(transitions: readonly Transition[]): readonly Transition[] {
  const next = new Map<string, Iterator<Transition>>();
  for (const [incident, own] of Map.groupBy(transitions, ({ data }) => data.incident))
    next.set(incident, own.toSorted((a, b) => a.data.ordinal - b.data.ordinal).values());
  return transitions.map((one) => next.get(one.data.incident)?.next().value ?? one);
}

/** What an event tells of incidents: its own change, or those that other runs made. */
export function transitionsIn(event: SiagaEvent): readonly Transition[] {
  if (event.type === 'incident.transition') return [event];
  const transitions = fromOtherRuns(event);
  const { data: _, ...rest } = event;
  return transitions.map((transition) => ({
    ...rest,
    type: 'incident.transition',
    data: { ...transition, change: citing(transition.change, event.seq) },
  }));
}

function fromOtherRuns({ type, data }: SiagaEvent): readonly IncidentTransition[] {
  if (type === 'incident.resumed') return data.earlier ?? [];
  return type === 'incident.noticed' && data.transition !== undefined ? [data.transition] : [];
}

function citing(change: IncidentChange, seq: number): IncidentChange {
  return 'by' in change ? { ...change, by: { ...change.by, evidence: [seq] } } : change;
}
