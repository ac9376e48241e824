import type { EventOf, SiagaEvent } from '../event/envelope.ts';
import type { IncidentChange } from '../event/incident.ts';

type Transition = EventOf<'incident.transition'>;

/**
 * Every transition that the events of a run tell: its own, and those that earlier runs gave an incident it took over.
 * What came from earlier runs cites the event that took them over, for their own events are not in this run.
 */
export function transitionsOf(events: readonly SiagaEvent[]): readonly Transition[] {
  return events.flatMap((event): Transition[] => {
    if (event.type === 'incident.transition') return [event];
    if (event.type !== 'incident.resumed') return [];
    const { data, ...rest } = event;
    return (data.earlier ?? []).map((transition) => ({
      ...rest,
      type: 'incident.transition',
      data: { ...transition, change: citing(transition.change, event.seq) },
    }));
  });
}

function citing(change: IncidentChange, seq: number): IncidentChange {
  return 'by' in change ? { ...change, by: { ...change.by, evidence: [seq] } } : change;
}
