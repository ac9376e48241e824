import type { Timing } from '../event/catalogue.ts';
import type { Json } from '../kernel/json.ts';
import type { Episode } from '../projection/model.ts';
import type { EndpointRow } from '../projection/endpoints.ts';
import type { ExperimentReport, FaultReport, IncidentReport, Report, SignalSeries } from './model.ts';

/** The figures of a run for programs; keys always in this order, unknown is `null`. */
export function summaryOf(report: Report): Json {
  const { run, first, loads, messages, problems, failures } = report;
  return {
    schema: 'siaga-summary/1',
    run: run.id,
    command: run.command,
    subject: run.subject,
    target: { name: run.target.name, url: run.target.url },
    verdict: run.verdict,
    exitCode: run.exitCode,
    reason: run.reason,
    first:
      first === undefined
        ? null
        : { what: first.what, got: first.got, allowed: first.allowed, seq: first.seq },
    repeat: run.repeat,
    drill: run.drill,
    speed: run.judge.speed,
    compressed: run.judge.speed !== 1,
    canCloseActions: run.judge.speed === 1,
    startedAt: iso(run.startedAt),
    finishedAt: iso(run.endedAt),
    durationMs: run.endedAt - run.startedAt,
    events: run.events,
    experiments: report.experiments.map(experimentOf),
    incidents: report.incidents.map(incidentOf),
    signals: report.signals.map(signalOf),
    endpoints: report.endpoints.map(endpointOf),
    checks: report.checks.map(({ check, n, passed, failed, inconclusive, last, p95 }) => ({
      check,
      n,
      passed,
      failed,
      inconclusive,
      last,
      p95,
    })),
    loads: loads.map(({ started, finished }) => ({
      load: started.load,
      outcome: finished?.outcome ?? null,
      requests: finished?.requests ?? null,
      offeredRate: finished?.offeredRate ?? null,
      achievedRate: finished?.achievedRate ?? null,
      dropped: finished?.dropped ?? null,
      exceptions: finished?.exceptions ?? null,
      seq: finished?.seq ?? null,
    })),
    messages: messages.map(({ message, incident, template, channel, delivered, dead, seq }) => ({
      message,
      incident,
      template,
      channel,
      delivered: delivered !== undefined,
      reason: dead?.reason ?? null,
      seq: delivered?.seq ?? dead?.seq ?? seq,
    })),
    failures: failures.map(({ check, path, rule, got, allowed, count, drilled, restarts, evidence }) => ({
      check,
      path,
      rule,
      got,
      allowed,
      count,
      drilled,
      restarts,
      firstSeq: evidence[0] ?? null,
    })),
    problems: problems.map(({ what, count, evidence }) => ({ what, count, firstSeq: evidence[0] ?? null })),
  };
}

/** Two spaces, one line feed at the end. */
export function summaryText(report: Report): string {
  return `${JSON.stringify(summaryOf(report), null, 2)}\n`;
}

const iso = (at: number): string => new Date(at).toISOString();

function experimentOf({
  name,
  verdict,
  reasons,
  requirements,
  timings,
  injections,
  settled,
  finishedSeq,
}: ExperimentReport): Json {
  return {
    name,
    verdict,
    reasons,
    requirements,
    timings: {
      detect: timingOf(timings.detect),
      contain: timingOf(timings.contain),
      recover: timingOf(timings.recover),
    },
    faults: injections.map(faultOf),
    expectations: settled.map(({ id, text, outcome, got, allowed, path, afterMs, seq, evidence }) => ({
      id,
      text,
      outcome,
      got,
      allowed,
      path: path ?? null,
      afterMs: afterMs ?? null,
      seq: seq ?? null,
      evidence,
    })),
    seq: finishedSeq ?? null,
  };
}

function timingOf(timing: Timing | undefined): Json {
  if (timing === undefined) return null;
  return { ms: timing.ms, plusMinusMs: timing.plusMinusMs, from: timing.from, to: timing.to };
}

function faultOf({ fault, proxy, kind, injected, proof, removed, stuck }: FaultReport): Json {
  return {
    fault,
    proxy,
    kind,
    injectedSeq: injected?.seq ?? null,
    proven: proof?.proven ?? null,
    why: proof?.why ?? null,
    proofSeq: proof?.seq ?? null,
    removedBy: removed?.by ?? null,
    rung: removed?.rung ?? null,
    removedSeq: removed?.seq ?? null,
    stuck: stuck !== undefined,
  };
}

function stateOf(last: Episode | undefined): string {
  if (last?.recovered !== undefined) return 'recovered';
  return last?.closed === undefined ? 'open' : 'closed';
}

function incidentOf({ id, drill, severity, signals, episodes }: IncidentReport): Json {
  return {
    id,
    drill,
    severity: severity.now,
    highestSeverity: severity.highest,
    signals,
    state: stateOf(episodes.at(-1)),
    episodes: episodes.map(({ opened, mitigated, restored, recovered, reopened, criteria }) => ({
      reopened,
      declaredAt: iso(opened.at),
      mitigatedAt: mitigated === undefined ? null : iso(mitigated.at),
      restoredAt: restored === undefined ? null : iso(restored.at),
      recoveredAt: recovered === undefined ? null : iso(recovered.at),
      declaredSeq: opened.seq,
      recoveredSeq: recovered?.seq ?? null,
      criteria: criteria.map(({ name, met, got, allowed }) => ({ name, met, got, allowed })),
    })),
  };
}

function signalOf({ spec, n, value, points }: SignalSeries): Json {
  const count = (state: string): number => points.filter((point) => point.state === state).length;
  return {
    signal: spec.name,
    source: spec.source,
    unit: spec.unit,
    statistic: spec.trigger.statistic,
    n,
    value,
    trigger: {
      comparison: spec.trigger.comparison,
      value: spec.trigger.value,
      buckets: spec.trigger.buckets,
    },
    buckets: { bad: count('bad'), ok: count('ok'), unknown: count('unknown') },
  };
}

function endpointOf({ endpoint, source, p50, p95, p99, requests, errors, throttled }: EndpointRow): Json {
  return { endpoint, source, n: requests, p50, p95, p99, requests, errors, throttled };
}
