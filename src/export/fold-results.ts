import type { CheckFinished, LoadFinished } from '../event/catalogue.ts';
import type { EventOf, SiagaEvent } from '../event/envelope.ts';
import type { SiagaError } from '../kernel/errors.ts';
import { asJudged, judgedIn } from './fold-round.ts';
import { findingWords, foldFindings } from '../projection/findings.ts';
import { foldIncidents } from '../projection/incidents.ts';
import type { IncidentFacts, Marker } from '../projection/model.ts';
import type {
  CheckResult,
  ErrorResult,
  FindingResult,
  IncidentResult,
  LoadResult,
  PartResult,
  ProblemResult,
} from './envelope.ts';

export const iso = (at: number): string => new Date(at).toISOString();

/**
 * One result a check, from what was seen while nothing was broken on purpose: during an experiment a failing check
 * is data, and the experiment's expectations judge it.
 */
export function foldChecks(events: readonly SiagaEvent[]): readonly CheckResult[] {
  const shown = events.some(({ type, data }) => type === 'run.started' && data.showBodies === true);
  const seen = new Map<string, EventOf<'check.finished'>[]>();
  let experiments = 0;
  for (const event of events) {
    if (event.type === 'experiment.started') experiments++;
    else if (event.type === 'experiment.finished') experiments--;
    else if (event.type === 'check.finished' && experiments <= 0) {
      seen.set(event.data.check, [...(seen.get(event.data.check) ?? []), event]);
    }
  }
  const judged = judgedIn(events);
  return [...seen].flatMap(([name, own]) =>
    checkResult(own, shown).map((result) => asJudged(result, judged(name, own.at(-1)?.seq ?? 0))),
  );
}

function checkResult(seen: readonly EventOf<'check.finished'>[], bodies: boolean): CheckResult[] {
  const failed = seen.filter(({ data }) => data.outcome === 'failed');
  const shown = failed[0] ?? seen.at(-1);
  if (shown === undefined) return [];
  const data: CheckFinished = shown.data;
  const result: CheckResult = {
    kind: 'check',
    name: data.check,
    outcome: data.outcome,
    violations: data.stands?.violations ?? data.violations,
    reason: data.reason ?? null,
    endpoint: data.endpoint ?? null,
    status: data.status ?? null,
    durationMs: data.durationMs,
    requestId: data.requestId ?? null,
    body: (bodies ? data.excerpt : undefined) ?? null,
    at: iso(shown.at),
    observations: seen.length + sumOf(seen, ({ data: { unwritten = 0 } }) => unwritten),
    failed: failed.length,
  };
  return [result];
}

export function foldLoads(events: readonly SiagaEvent[]): readonly LoadResult[] {
  return events.flatMap((event) => (event.type === 'load.finished' ? [loadResult(event.data)] : []));
}

function loadResult(data: LoadFinished): LoadResult {
  const { outcome, violations, requests, iterations, achievedRate, offeredRate } = data;
  const { dropped, exceptions, durationMs, endpoints } = data;
  return {
    kind: 'load',
    name: data.load,
    outcome,
    violations,
    reason: data.reason ?? null,
    requests,
    iterations,
    achievedRate,
    offeredRate,
    dropped,
    exceptions,
    durationMs,
    endpoints,
  };
}

export function foldParts(events: readonly SiagaEvent[]): readonly PartResult[] {
  return events.flatMap((event): readonly PartResult[] => {
    if (event.type !== 'gate.part') return [];
    const { part: name, outcome, reason } = event.data;
    const untold = outcome === 'not-run' || (name === 'candidate' && outcome !== 'passed');
    return untold ? [{ kind: 'part', name, outcome, reason }] : [];
  });
}

/** How each part of a gate that did not pass ended, the last time it was run. */
export function failedParts(events: readonly SiagaEvent[]): readonly PartResult[] {
  return events.flatMap((event): readonly PartResult[] => {
    if (event.type !== 'gate.part') return [];
    const { part: name, outcome, reason } = event.data;
    return outcome === 'passed' || outcome === 'not-run' ? [] : [{ kind: 'part', name, outcome, reason }];
  });
}

export function findingResults(events: readonly SiagaEvent[]): readonly FindingResult[] {
  return foldFindings(events).map(({ kind, name, outcome, ...found }) => ({
    kind,
    name,
    outcome,
    reason: findingWords(found),
  }));
}

/** Each problem once, with how often it came up. */
export function foldProblems(events: readonly SiagaEvent[]): readonly ProblemResult[] {
  const problems = new Map<string, ProblemResult>();
  for (const event of events) {
    if (event.type !== 'run.problem') continue;
    const { code, message, hint = null } = event.data;
    const count = (problems.get(code + message)?.count ?? 0) + 1;
    problems.set(code + message, { code, what: message, hint, count });
  }
  return [...problems.values()];
}

/** A problem as the reason why a run reached no verdict. */
export function problemError({ code, what, hint }: ProblemResult): ErrorResult {
  return { kind: 'error', code, what, where: null, got: null, allowed: null, hint };
}

/** An error as a result; facts it does not have are `null`. */
export function errorResult({ code, facts }: SiagaError): ErrorResult {
  const { what, where = null, got = null, allowed = null, hint = null } = facts;
  return { kind: 'error', code, what, where, got, allowed, hint };
}

export function incidentResults(events: readonly SiagaEvent[]): readonly IncidentResult[] {
  return foldIncidents(events).map(incidentResult);
}

function incidentResult({
  id,
  group,
  drill,
  severity,
  signals,
  transitions,
  episodes,
}: IncidentFacts): IncidentResult {
  const [first, last] = [episodes[0], episodes.at(-1)];
  return {
    incident: id,
    group,
    severity: severity.now,
    highestSeverity: severity.highest,
    drill,
    phase: transitions.findLast(({ change }) => !passing.has(change.kind))?.change.kind ?? 'declared',
    declaredAt: iso(first?.opened.at ?? 0),
    mitigatedAt: timeOf(last?.mitigated),
    recoveredAt: timeOf(last?.recovered),
    signals,
    events: [...new Set(transitions.map(({ seq }) => seq))],
  };
}

// What these say of an incident passes; the others say how it stands.
const passing = new Set(['signal-joined', 'hold-reset', 'flapping', 'digest', 'taken-over']);

function sumOf<T>(items: readonly T[], figure: (item: T) => number): number {
  return items.reduce((sum, item) => sum + figure(item), 0);
}

const timeOf = (marker: Marker | undefined): string | null => (marker ? iso(marker.at) : null);
