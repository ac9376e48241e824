import type { SiagaEvent } from '../../event/envelope.ts';
import { foldIncidents } from '../../projection/incidents.ts';
import { groupBy, ofType } from '../../projection/pick.ts';
import type { IncidentReport } from '../model.ts';
import { foldEndpoints } from './endpoints.ts';

/** Incidents with what their holds were judged by. */
export function incidentReports(events: readonly SiagaEvent[], end: number): readonly IncidentReport[] {
  const buckets = groupBy(ofType(events, 'incident.bucket'), ({ data }) => data.incident);
  return foldIncidents(events).map((incident) => ({
    ...incident,
    hold: (buckets.get(incident.id) ?? []).map(({ data, at, seq }) => ({ ...data, at, seq })),
    endpoints: incident.episodes.map(({ by, recovered }) =>
      foldEndpoints(events, [{ from: by.since, to: recovered?.at ?? end }]),
    ),
  }));
}
