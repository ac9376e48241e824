import type { SiagaEvent } from '../event/envelope.ts';
import { endpointRows, requestCounts } from '../projection/endpoints.ts';
import { foldFindings } from '../projection/findings.ts';
import { foldFirstFailure } from '../projection/first-failure.ts';
import { touched, untouched } from '../projection/impact.ts';
import { ofType } from '../projection/pick.ts';
import { foldChecks } from './fold/checks.ts';
import { experimentSpans, foldExperiments } from './fold/experiments.ts';
import { foldFailures } from './fold/failures.ts';
import { incidentReports } from './fold/incidents.ts';
import { foldMessages } from './fold/messages.ts';
import { foldProblems } from './fold/problems.ts';
import { foldPhases, foldRun } from './fold/run.ts';
import { foldSignals } from './fold/signals.ts';
import { foldTimeline } from './fold/timeline.ts';
import { foldToggles } from './fold/toggles.ts';
import type { LoadReport, Report } from './model.ts';

/**
 * The report of one run: a pure function of its events, so that the same events give the same report anywhere.
 * @param unknown of a file that held more than these: how many events of each type were left out
 * @throws {SiagaError} `not-a-run` (exit 2) where the events hold no `run.started`.
 */
export function foldReport(events: readonly SiagaEvent[], unknown: Report['unknown'] = {}): Report {
  const run = foldRun(events);
  const toggles = foldToggles(events);
  const experiments = foldExperiments(events, run.endedAt);
  return {
    run,
    first: foldFirstFailure(events, run.verdict),
    phases: foldPhases(events, run.endedAt),
    timeline: foldTimeline(events, toggles, run.judge),
    endpoints: endpointRows(untouched(events)),
    restarts: requestCounts(touched(events)),
    signals: foldSignals(events, run),
    checks: foldChecks(events),
    loads: foldLoads(events),
    parts: ofType(events, 'gate.part').map(({ data, seq }) => ({ ...data, seq })),
    experiments,
    incidents: incidentReports(events),
    findings: foldFindings(events),
    toggles,
    messages: foldMessages(events),
    failures: foldFailures(events, experimentSpans(experiments, run.endedAt)),
    problems: foldProblems(events),
    unknown,
  };
}

function foldLoads(events: readonly SiagaEvent[]): readonly LoadReport[] {
  const finished = ofType(events, 'load.finished');
  return ofType(events, 'load.started').map(({ data, seq }) => {
    const end = finished.find((event) => event.seq > seq && event.data.load === data.load);
    return { started: data, seq, ...(end && { finished: { ...end.data, seq: end.seq } }) };
  });
}
