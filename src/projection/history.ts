import type { SiagaEvent } from '../event/envelope.ts';
import type { ActionFacts, EpisodeHistory, FailedAnswers, IncidentHistory } from '../event/history.ts';
import { foldActions, togglesKnownAt } from './actions.ts';
import { foldImpacts, ordinalOf, type Impact } from './impact.ts';
import { recordOf } from './entries.ts';
import { foldIncidents } from './incidents.ts';
import type { Episode } from './model.ts';

/**
 * What a run that takes an incident over writes of it, from the events of the runs before: requests, failures, actions,
 * for each time it was open. `undefined` where these events do not tell how it began.
 * @param events those of earlier runs on this target, drills left out, in order of sequence; from before the
 * incident's first transition on, or from the last `incident.history` of it on.
 */
export function historyOf(events: readonly SiagaEvent[], id: string): IncidentHistory | undefined {
  const incident = foldIncidents(events).find((each) => each.id === id);
  if (incident === undefined) return undefined;
  const actions = foldActions(events);
  const impacts = foldImpacts(events, incident);
  const known = impacts.flatMap(({ earlier }) => earlier?.runs ?? []);
  const since = impacts[0]?.started.at ?? 0;
  const measured = events.filter(({ type, at }) => type === 'samples' && at >= since).map(({ run }) => run);
  const { entries } = recordOf(events, id);
  return {
    incident: id,
    ...(entries.length > 0 && { entries: entries.map(({ at, by, entry }) => ({ at, by, entry })) }),
    runs: [...new Set([...known, ...measured])],
    episodes: incident.episodes.flatMap((episode, index) => {
      const impact = impacts[index];
      const togglesKnown = togglesKnownAt(events, impact?.endedAt ?? 0);
      return impact ? [{ ...episodeHistory(episode, impact, actions), togglesKnown }] : [];
    }),
  };
}

function episodeHistory(
  episode: Episode,
  impact: Impact,
  actions: readonly ActionFacts[],
): Omit<EpisodeHistory, 'togglesKnown'> {
  const { started, endedAt, total, rows, peak, restarts, across, answers } = impact;
  const { requests, errors, throttled } = impact.degraded;
  return {
    ordinal: ordinalOf(episode),
    from: started.at,
    to: endedAt,
    total,
    rows: rows.map(({ endpoint, source, ...row }) => ({
      endpoint,
      source,
      requests: row.requests,
      errors: row.errors,
      throttled: row.throttled,
    })),
    degraded: { requests, errors, throttled },
    ...(peak && { peak }),
    restarts,
    across,
    ...(answers.length > 0 && { answers: answers.map(withoutEvidence) }),
    actions: actions
      .filter(({ from, to }) => from < endedAt && (to ?? Infinity) > started.at)
      .map(({ kind, name, value, normal, by, purpose, from, to }) => ({
        kind,
        name,
        value,
        ...(normal !== undefined && { normal }),
        by,
        ...(purpose && { purpose }),
        from,
        ...(to !== undefined && { to }),
      })),
  };
}

const withoutEvidence = ({ evidence: _, ...answers }: Impact['answers'][number]): FailedAnswers => answers;
