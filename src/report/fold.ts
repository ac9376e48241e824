import type { SiagaEvent } from '../event/envelope.ts';
import { endpointRows, requestCounts } from '../projection/endpoints.ts';
import { drilledSpans, foldExperiments } from '../projection/experiments.ts';
import { foldActions } from '../projection/actions.ts';
import { asked, ended, foldChecks, type CheckFacts } from '../projection/checks.ts';
import { foldContainments } from '../projection/containment.ts';
import { foldFailures } from '../projection/failures.ts';
import { foldFindings } from '../projection/findings.ts';
import { foldFirstFailure } from '../projection/first-failure.ts';
import { foldImpacts, touched, untouched } from '../projection/impact.ts';
import { recordOf } from '../projection/entries.ts';
import { foldIncidents } from '../projection/incidents.ts';
import { foldLoads } from '../projection/loads.ts';
import { foldMessages } from '../projection/messages.ts';
import { groupBy, ofType } from '../projection/pick.ts';
import { foldProblems } from '../projection/problems.ts';
import { foldPhases, foldRun } from '../projection/run.ts';
import { foldSignals } from '../projection/series.ts';
import { experimentReports } from './fold/experiments.ts';
import { foldTimeline } from './fold/timeline.ts';
import { percentile } from '../signal/reading.ts';
import type { CheckReport, IncidentReport, Report, ToggleEntry } from './model.ts';
import type { ToggleRead } from '../event/toggles.ts';

/**
 * The report of one run: a pure function of its events, so that the same events give the same report anywhere.
 * @param unknown of a file that held more than these: how many events of each type were left out
 * @throws {SiagaError} `not-a-run` (exit 2) where the events hold no `run.started`.
 */
export function foldReport(events: readonly SiagaEvent[], unknown: Report['unknown'] = {}): Report {
  const run = foldRun(events);
  const toggles = foldToggles(events);
  const experiments = foldExperiments(events);
  return {
    run,
    first: foldFirstFailure(events, run.verdict),
    phases: foldPhases(events, run.endedAt),
    timeline: foldTimeline(events, toggles, run.judge),
    endpoints: endpointRows(untouched(events)),
    restarts: requestCounts(touched(events)),
    signals: foldSignals(events, run),
    checks: foldChecks(events).map(checkReport),
    loads: foldLoads(events),
    parts: ofType(events, 'gate.part').map(({ data, seq }) => ({ ...data, seq })),
    experiments: experimentReports(experiments, events, run.endedAt),
    incidents: incidentReports(events),
    findings: foldFindings(events),
    toggles,
    actions: foldActions(events),
    messages: [...foldMessages(events).values()],
    failures: foldFailures(events, drilledSpans(experiments, run.endedAt)),
    problems: foldProblems(events),
    unknown,
  };
}

/** A check with how often it ran and how it ended. */
function checkReport({ check, answers, judged }: CheckFacts): CheckReport {
  const { title, endpoint, outcome: last } = (answers.at(-1) ?? answers[0]).data;
  return {
    check,
    title,
    endpoint,
    n: asked(answers),
    passed: ended(answers, 'passed'),
    failed: ended(answers, 'failed'),
    inconclusive: ended(answers, 'inconclusive'),
    last,
    p95: percentile(Float64Array.from(answers.map(({ data }) => data.durationMs)).toSorted(), 95),
    evidence: answers.map(({ seq }) => seq),
    ...(judged && { judged: judged.outcome }),
  };
}

/** Incidents with what they did, what contained them, and what their holds were judged by. */
function incidentReports(events: readonly SiagaEvent[]): readonly IncidentReport[] {
  const buckets = groupBy(ofType(events, 'incident.bucket'), ({ data }) => data.incident);
  return foldIncidents(events).map((incident) => {
    const impacts = foldImpacts(events, incident);
    const containments = foldContainments(events, incident, impacts);
    const hold = (buckets.get(incident.id) ?? []).map(({ data, at, seq }) => ({ ...data, at, seq }));
    return { ...incident, record: recordOf(events, incident.id), hold, impacts, containments };
  });
}

/**
 * What was set and what was read back. Readings that say the same as the one before are left out, and those made while
 * Siaga was setting them: what they came to is read back afterwards.
 */
function foldToggles(events: readonly SiagaEvent[]): readonly ToggleEntry[] {
  const entries: ToggleEntry[] = [];
  let last: string | undefined;
  for (const event of events) {
    const { at, seq } = event;
    if (event.type === 'toggle.applied') {
      while (isDuring(entries.at(-1), at - event.data.durationMs)) entries.pop();
      entries.push({ kind: 'applied', at, seq, data: event.data });
      last = undefined;
    }
    if (event.type === 'toggle.read') {
      const said = saying(event.data);
      if (said !== last)
        entries.push({ kind: 'read', at, seq, data: event.data, changed: last !== undefined });
      last = said;
    }
  }
  return entries;
}

const isDuring = (entry: ToggleEntry | undefined, began: number): boolean =>
  entry?.kind === 'read' && entry.at >= began;

function saying({ values, abnormal, ok, reason }: ToggleRead): string {
  return JSON.stringify([Object.entries(values).toSorted(), abnormal, ok, reason]);
}
