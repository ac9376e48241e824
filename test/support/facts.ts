import type { SiagaEvent } from '../../src/event/envelope.ts';
import type { RequestCounts } from '../../src/event/history.ts';
import { envelopeOf } from '../../src/export/envelope-of.ts';
import { foldActions } from '../../src/projection/actions.ts';
import { foldImpacts, type Impact } from '../../src/projection/impact.ts';
import { foldIncidents } from '../../src/projection/incidents.ts';
import type { Episode, Marker } from '../../src/projection/model.ts';

/** What the events of a run say, as plain JSON without any words made for people: it may be kept beside them. */
export function factsOf(events: readonly SiagaEvent[]): unknown {
  const envelope = envelopeOf(events, { command: 'report', now: 0 });
  const { run, verdict, exitCode, startedAt, finishedAt, speed, drill, results } = envelope;
  const facts = {
    events: events.length,
    run: { run, verdict, exitCode, startedAt, finishedAt, speed, drill },
    recorded: events.flatMap((event) =>
      event.type === 'run.finished' ? [`${event.data.verdict}, exit ${event.data.exitCode}`] : [],
    ),
    results: counted(
      results.map((result) => `${result.kind} ${'verdict' in result ? result.verdict : outcomeOf(result)}`),
    ),
    experiments: results.flatMap((result) =>
      result.kind === 'experiment'
        ? [
            {
              name: result.name,
              verdict: result.verdict,
              durationMs: result.durationMs,
              timings: result.timings,
              faults: result.faults.length,
              expectations: counted(result.expectations.map(({ outcome }) => outcome)),
            },
          ]
        : [],
    ),
    envelope: envelope.incidents.map(({ events: of, ...incident }) => ({ ...incident, events: of.length })),
    incidents: incidentFacts(events),
    actions: foldActions(events).map(({ seq, from, to, ...action }) => ({
      ...action,
      from: iso(from),
      ...(to !== undefined && { to: iso(to) }),
      events: Object.values(seq).length,
    })),
  };
  return JSON.parse(JSON.stringify(facts));
}

const outcomeOf = (result: { readonly kind: string; readonly outcome?: string }): string =>
  result.outcome ?? '';

function incidentFacts(events: readonly SiagaEvent[]) {
  return foldIncidents(events).map((incident) => {
    const impacts = foldImpacts(events, incident);
    const { id, group, drill, severity, phase, signals, transitions, statusSpans, episodes } = incident;
    return {
      id,
      group,
      drill,
      severity: severity.now,
      highestSeverity: severity.highest,
      phase,
      signals,
      transitions: transitions.map(
        ({ ordinal, change, effectiveAt }) => `${ordinal} ${change.kind} at ${iso(effectiveAt)}`,
      ),
      stands: statusSpans.map(
        ({ name, from, to }) => `${name} from ${iso(from)} to ${to ? iso(to) : 'the end'}`,
      ),
      episodes: episodes.map((episode, index) => ({ ...timesOf(episode), ...impactFacts(impacts[index]) })),
    };
  });
}

const timesOf = ({ opened, mitigated, restored, recovered, closed, severity, criteria }: Episode) => ({
  severity: severity.highest,
  openedAt: timeOf(opened),
  mitigatedAt: timeOf(mitigated),
  restoredAt: timeOf(restored),
  recoveredAt: timeOf(recovered),
  closedAt: timeOf(closed),
  criteria: counted(criteria.map(({ met }) => (met ? 'met' : 'not met'))),
});

function impactFacts(impact: Impact | undefined) {
  if (impact === undefined) return {};
  const { started, endedAt, total, degraded, peak, restarts, across, answers, rows, evidence } = impact;
  return {
    startedAt: timeOf(started),
    endedAt: iso(endedAt),
    requests: inLine(total),
    degraded: `${inLine(degraded)} in ${Math.round(degraded.ms)} ms`,
    peak: peak ? `${peak.errors} of ${peak.requests} from ${iso(peak.from)}` : null,
    duringRestarts: inLine(restarts),
    acrossTheEdges: inLine(across),
    failedAnswers: answers.length,
    endpoints: Object.fromEntries(rows.map((row) => [`${row.endpoint} (${row.source})`, inLine(row)])),
    evidence: evidence.length,
  };
}

const inLine = ({ requests, errors, throttled }: RequestCounts): string =>
  `${errors} of ${requests} failed, ${throttled} throttled`;

function counted(names: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of names.toSorted()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

const iso = (at: number): string => new Date(at).toISOString();
const timeOf = (marker: Marker | undefined): string | null => (marker ? iso(marker.at) : null);
