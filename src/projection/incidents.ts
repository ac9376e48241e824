import type { SiagaEvent } from '../event/envelope.ts';
import { episodesOf, phaseOf, signalsOf, severityOf, statusSpansOf } from './episodes.ts';
import type { IncidentFacts, TransitionEntry } from './model.ts';
import { groupBy } from './pick.ts';
import { transitionsOf } from './transitions.ts';

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
