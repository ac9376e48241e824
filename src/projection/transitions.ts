import type { EventOf, SiagaEvent } from '../event/envelope.ts';
import type { IncidentChange, IncidentTransition } from '../event/incident.ts';

type Transition = EventOf<'incident.transition'>;

/**
 * Every transition that the events of a run tell, once: its own, those that earlier runs gave an incident it took over, and
 * those that other runs made meanwhile.
 * What came from other runs cites the event that told it, for their own events are not in this run.
 */
export function transitionsOf(events: readonly SiagaEvent[]): readonly Transition[] {
  const known = new Set<string>();
  return events.flatMap(toldBy).filter(({ data: { incident, ordinal } }) => {
    const key = `${incident} ${ordinal}`;
    return !known.has(key) && known.add(key);
  });
}

function toldBy(event: SiagaEvent): readonly Transition[] {
  if (event.type === 'incident.transition') return [event];
  const told = fromOtherRuns(event);
  const { data: _, ...rest } = event;
  return told.map((transition) => ({
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
