import type { SiagaEvent, EventOf } from '../event/envelope.ts';
import { episodesOf, phaseOf, signalsOf, severityOf, statusSpansOf } from './episodes.ts';
import type { IncidentFacts, TransitionEntry } from './model.ts';
import { groupBy } from './pick.ts';
import type { IncidentChange, IncidentTransition } from '../event/incident.ts';

/**
 * Incidents in the order they were declared, each once however often it was reopened. Everything that speaks of
 * severities, times or phases of an incident reads them from here.
 * @param events of one target, in order of sequence: those of one run, or of a store.
 */
export function foldIncidents(events: readonly SiagaEvent[]): readonly IncidentFacts[] {
  const entries = transitionsOf(events).map(({ data, at, seq }): TransitionEntry => ({ ...data, at, seq }));
  return [...groupBy(entries, ({ incident }) => incident).values()].flatMap((own) => incidentOf(own) ?? []);
}

/** One incident from its transitions, in order; what does not say how it began is not known to be one. */
export function incidentOf(transitions: readonly TransitionEntry[]): IncidentFacts | undefined {
  const episodes = episodesOf(transitions);
  const [opening, first] = [transitions[0], episodes[0]];
  if (opening === undefined || first === undefined) return undefined;
  return {
    id: opening.incident,
    group: opening.group,
    drill: transitions.some(({ drill }) => drill),
    severity: severityOf(transitions, first.severity),
    phase: phaseOf(transitions),
    signals: signalsOf(transitions),
    transitions,
    episodes,
    statusSpans: statusSpansOf(transitions),
  };
}

/** Nobody has to do anything about it any more, but to write down what it was. */
export const isOver = ({ phase }: Pick<IncidentFacts, 'phase'>): boolean =>
  phase === 'recovered' || phase === 'closed';

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
