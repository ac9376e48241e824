import type { SiagaEvent } from '../../event/envelope.ts';
import { foldContainments } from '../../projection/containment.ts';
import { foldImpacts } from '../../projection/impact.ts';
import { foldIncidents } from '../../projection/incidents.ts';
import { groupBy, ofType } from '../../projection/pick.ts';
import type { IncidentReport } from '../model.ts';

/** Incidents with what they did, what contained them, and what their holds were judged by. */
export function incidentReports(events: readonly SiagaEvent[]): readonly IncidentReport[] {
  const buckets = groupBy(ofType(events, 'incident.bucket'), ({ data }) => data.incident);
  return foldIncidents(events).map((incident) => {
    const impacts = foldImpacts(events, incident);
    const containments = foldContainments(events, incident, impacts);
    const hold = (buckets.get(incident.id) ?? []).map(({ data, at, seq }) => ({ ...data, at, seq }));
    return { ...incident, hold, impacts, containments };
  });
}
