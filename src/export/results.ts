import type { LoadFinished } from '../event/catalogue.ts';
import type { SiagaEvent } from '../event/envelope.ts';
import type { CheckJudged, SignalMeasured } from '../event/round.ts';
import type { JudgeSpec, SignalSpec } from '../event/specs.ts';
import type { SiagaError } from '../kernel/errors.ts';
import { asked, foldChecks, type Answer } from '../projection/checks.ts';
import { findingWords, foldFindings } from '../projection/findings.ts';
import type { IncidentRecord } from '../projection/entries.ts';
import { foldIncidents } from '../projection/incidents.ts';
import { foldMeasured } from '../projection/measured.ts';
import type { IncidentFacts, Marker } from '../projection/model.ts';
import { ofType } from '../projection/pick.ts';
import { foldProblems } from '../projection/problems.ts';
import { formatLimit } from '../runbook/condition.ts';
import type {
  CheckResult,
  ErrorResult,
  FindingResult,
  IncidentResult,
  LoadResult,
  PartResult,
  ProblemResult,
  RecordResult,
  SignalResult,
} from './envelope.ts';

export const iso = (at: number): string => new Date(at).toISOString();

/** One result a check, from what was seen while nothing was broken on purpose. */
export function checkResults(events: readonly SiagaEvent[]): readonly CheckResult[] {
  const bodies = events.some(({ type, data }) => type === 'run.started' && data.showBodies === true);
  return foldChecks(events).flatMap(({ undisturbed, judged }) => {
    const failed = undisturbed.filter(({ data }) => data.outcome === 'failed');
    const shown = failed[0] ?? undisturbed.at(-1);
    if (shown === undefined) return [];
    const counts = { observations: asked(undisturbed), failed: failed.length };
    return [asJudged(checkResult(shown, bodies, counts), judged)];
  });
}

function checkResult(
  { data, at }: Answer,
  bodies: boolean,
  counts: Pick<CheckResult, 'observations' | 'failed'>,
): CheckResult {
  return {
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
    at: iso(at),
    ...counts,
  };
}

/** As its round judged it, rather than by one of its answers. */
function asJudged(result: CheckResult, judged: CheckJudged | undefined): CheckResult {
  if (judged === undefined) return result;
  const { outcome, standsSince } = judged;
  return {
    ...result,
    outcome,
    ...(outcome === 'passed' && { violations: [], body: null }),
    ...(standsSince !== undefined && { standsSince: iso(standsSince) }),
  };
}

/** How a round measured each signal of the runbook; `undefined` for a run without a round. */
export function signalResults(
  events: readonly SiagaEvent[],
  judge: JudgeSpec | undefined,
): readonly SignalResult[] | undefined {
  return foldMeasured(events, judge)?.flatMap((measured) => {
    const spec = judge?.signals.find(({ name }) => name === measured.signal);
    return spec === undefined ? [] : [signalResult(measured, spec)];
  });
}

function signalResult(measured: SignalMeasured, spec: SignalSpec): SignalResult {
  const { signal, state, n, value, why = null, increase } = measured;
  return {
    signal,
    state,
    samples: n,
    needed: spec.minSamples,
    statistic: spec.trigger.statistic,
    value,
    unit: spec.unit,
    allowed: formatLimit(spec.trigger, spec.unit),
    why,
    increase: increase
      ? { since: new Date(increase.since).toISOString(), samples: increase.n, value: increase.value }
      : null,
  };
}

export const loadResults = (events: readonly SiagaEvent[]): readonly LoadResult[] =>
  ofType(events, 'load.finished').map(({ data }) => loadResult(data));

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

/** Parts of a gate that no other result tells of: what was not run, and a candidate that did not pass. */
export const unreportedParts = (events: readonly SiagaEvent[]): readonly PartResult[] =>
  partsOf(events).filter(({ name, outcome }) => outcome === 'not-run' || name === 'candidate');

/** How each part of a gate that did not pass ended. */
export const failedParts = (events: readonly SiagaEvent[]): readonly PartResult[] =>
  partsOf(events).filter(({ outcome }) => outcome !== 'not-run');

const partsOf = (events: readonly SiagaEvent[]): readonly PartResult[] =>
  ofType(events, 'gate.part').flatMap(({ data: { part, outcome, reason } }) =>
    outcome === 'passed' ? [] : [{ kind: 'part', name: part, outcome, reason }],
  );

export function findingResults(events: readonly SiagaEvent[]): readonly FindingResult[] {
  return foldFindings(events).map(({ kind, name, outcome, ...found }) => ({
    kind,
    name,
    outcome,
    reason: findingWords(found),
  }));
}

/** Each problem that the run named, once, with how often it came up. */
export const problemResults = (events: readonly SiagaEvent[]): readonly ProblemResult[] =>
  foldProblems(events).flatMap(({ named, hint = null, count }) =>
    named === undefined ? [] : [{ code: named.code, what: named.message, hint, count }],
  );

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

export function incidentResult({
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

const timeOf = (marker: Marker | undefined): string | null => (marker ? iso(marker.at) : null);

/** What people put on the record of an incident, in the published form. */
export function recordResult(record: IncidentRecord): RecordResult {
  const { acknowledged, roles, triage, cause, fixes, users, resolved, entries } = record;
  return {
    acknowledged: acknowledged ? said(acknowledged) : null,
    roles: roles.map(({ role, to }) => ({ role, to })),
    triage: {
      what: triage.what ?? null,
      who: triage.who ?? null,
      severity: triage.severity ?? null,
      blastRadius: triage.blastRadius ?? null,
    },
    cause: cause ? { text: cause.text, final: cause.final } : null,
    fixes: fixes.map(({ text, commit }) => ({ text, commit: commit ?? null })),
    users: users ? { affected: users.affected ?? null, noticedFirst: users.noticedFirst ?? null } : null,
    resolved: resolved ? { ...said(resolved), text: resolved.text } : null,
    entries: entries.map(({ entry, seq, ...who }) => ({ ...said(who), kind: entry.kind, seq })),
  };
}

const said = ({ by, at }: { readonly by: string; readonly at: number }) => ({ by, at: iso(at) });
