import type { CheckFinished, LoadFinished } from '../event/catalogue.ts';
import type { EventOf, SiagaEvent } from '../event/envelope.ts';
import type { IncidentTransition } from '../event/incident.ts';
import { transitionsOf } from '../incident/told.ts';
import type { SiagaError } from '../kernel/errors.ts';
import type { CheckResult, ErrorResult, IncidentResult, LoadResult, ProblemResult } from './envelope.ts';

export const iso = (at: number): string => new Date(at).toISOString();

/**
 * One result a check, from what was seen while nothing was broken on purpose: during an experiment a failing check
 * is data, and the experiment's expectations judge it.
 */
export function foldChecks(events: readonly SiagaEvent[]): readonly CheckResult[] {
  const seen = new Map<string, EventOf<'check.finished'>[]>();
  let experiments = 0;
  for (const event of events) {
    if (event.type === 'experiment.started') experiments++;
    else if (event.type === 'experiment.finished') experiments--;
    else if (event.type === 'check.finished' && experiments <= 0) {
      seen.set(event.data.check, [...(seen.get(event.data.check) ?? []), event]);
    }
  }
  return [...seen.values()].flatMap(checkResult);
}

function checkResult(seen: readonly EventOf<'check.finished'>[]): CheckResult[] {
  const failed = seen.filter(({ data }) => data.outcome === 'failed');
  const shown = failed[0] ?? seen.at(-1);
  if (shown === undefined) return [];
  const data: CheckFinished = shown.data;
  const result: CheckResult = {
    kind: 'check',
    name: data.check,
    outcome: data.outcome,
    violations: data.violations,
    reason: data.reason ?? null,
    endpoint: data.endpoint ?? null,
    status: data.status ?? null,
    durationMs: data.durationMs,
    requestId: data.requestId ?? null,
    at: iso(shown.at),
    observations: seen.length,
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

export function foldIncidents(events: readonly SiagaEvent[]): readonly IncidentResult[] {
  const incidents = Map.groupBy(transitionsOf(events), ({ data }) => data.incident);
  return [...incidents.values()].flatMap(incidentResult);
}

// What these say of an incident passes; the others say how it stands.
const passing = new Set(['signal-joined', 'hold-reset', 'flapping', 'digest']);

function incidentResult(events: readonly EventOf<'incident.transition'>[]): IncidentResult[] {
  const all = events.map(({ data }) => data);
  const opening = all.find(({ change }) => change.kind === 'declared' || change.kind === 'reopened');
  if (opening === undefined) return [];
  const { incident, group, drill, effectiveAt } = opening;
  const last = (kind: string): string | null => {
    const found = all.findLast(({ change }) => change.kind === kind);
    return found ? iso(found.effectiveAt) : null;
  };
  const firings = all.flatMap(({ change }) => ('by' in change ? [change] : []));
  const result: IncidentResult = {
    incident,
    group,
    severity: firings.at(-1)?.severity ?? 'SEV-2',
    drill,
    phase: all.findLast(({ change }) => !passing.has(change.kind))?.change.kind ?? 'declared',
    declaredAt: iso(effectiveAt),
    mitigatedAt: last('mitigated'),
    recoveredAt: isOver(all) ? last('recovered') : null,
    signals: [...new Set(firings.map(({ by }) => by.signal))],
    events: [...new Set(events.map(({ seq }) => seq))],
  };
  return [result];
}

function isOver(transitions: readonly IncidentTransition[]): boolean {
  const kinds = transitions.map(({ change }) => change.kind);
  return kinds.lastIndexOf('recovered') > kinds.lastIndexOf('reopened');
}
