import type { EventOf, SiagaEvent } from '../../event/envelope.ts';
import type { Severity } from '../../event/specs.ts';
import { transitionsOf } from '../../incident/told.ts';
import type { IncidentReport, TransitionEntry } from '../model.ts';
import { foldEndpoints } from './endpoints.ts';
import { episodesOf, standsOf } from './episodes.ts';
import { groupBy, ofType } from './pick.ts';

type Transition = EventOf<'incident.transition'>;

/** Incidents in the order they were declared, each once however often it was reopened. */
export function foldIncidents(events: readonly SiagaEvent[], end: number): readonly IncidentReport[] {
  const transitions = groupBy(transitionsOf(events), ({ data }) => data.incident);
  const buckets = groupBy(ofType(events, 'incident.bucket'), ({ data }) => data.incident);
  return [...transitions].map(([id, own]) => ({
    ...incidentOf(id, own),
    episodes: episodesOf(own.map(entryOf)).map((episode) => ({
      ...episode,
      endpoints: foldEndpoints(events, [{ from: episode.by.since, to: episode.recovered?.at ?? end }]),
    })),
    hold: (buckets.get(id) ?? []).map(({ data, at, seq }) => ({ ...data, at, seq })),
  }));
}

function incidentOf(id: string, own: readonly Transition[]): Omit<IncidentReport, 'hold' | 'episodes'> {
  const transitions = own.map(entryOf);
  return {
    id,
    group: transitions[0]?.group ?? '',
    drill: transitions.some(({ drill }) => drill),
    severity: severityOf(transitions),
    signals: signalsOf(transitions),
    transitions,
    stands: standsOf(transitions),
  };
}

function entryOf({ data, at, seq }: Transition): TransitionEntry {
  return { ...data, at, seq };
}

/** The worst it had; SEV-0 sorts first. */
function severityOf(transitions: readonly TransitionEntry[]): Severity | 'unknown' {
  const severities = transitions.flatMap(({ change }) => ('severity' in change ? [change.severity] : []));
  return severities.toSorted()[0] ?? 'unknown';
}

function signalsOf(transitions: readonly TransitionEntry[]): readonly string[] {
  return [...new Set(transitions.flatMap(({ change }) => ('by' in change ? [change.by.signal] : [])))];
}
