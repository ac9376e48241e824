import type { Firing, Symptoms } from '../event/incident.ts';
import type { SignalSpec } from '../event/specs.ts';
import { formatBeside, formatLimit } from '../runbook/condition.ts';
import { requestSignals } from '../runbook/roles.ts';
import { fires, judge } from '../signal/judge.ts';
import { readingOf } from '../signal/reading.ts';
import { batchesBetween, evidenceBetween, specOf } from './cells.ts';
import type { Announcement } from './announce.ts';
import type { EngineState } from './state.ts';

/** Judges the bucket that starts at `start` for every signal and remembers as much as the longest window needs. */
export function judgeBucket(state: EngineState, start: number): void {
  for (const spec of state.spec.signals) {
    const history = state.history.get(spec.name) ?? [];
    history.push(judge(spec, batchesBetween(state, spec.name, start, start)));
    state.history.set(spec.name, history.slice(-spec.trigger.buckets));
  }
}

/** The signals whose triggers fire as of the bucket that starts at `start`, those that another one explains last. */
export function firingAt(state: EngineState, start: number): readonly Announcement[] {
  const firing = state.spec.signals.filter((spec) =>
    fires(state.history.get(spec.name) ?? [], spec.trigger.buckets),
  );
  const explained = new Set(firing.flatMap(({ inhibits }) => inhibits));
  const roots = firing.filter(({ name }) => !explained.has(name));
  const rest = firing.filter(({ name }) => explained.has(name));
  const announced = [...roots, ...rest].map((spec) => ({
    firing: firingOf(state, spec, start),
    severity: spec.severity,
    again: state.fired.get(spec.name) === false,
  }));
  remember(state, new Set(firing.map(({ name }) => name)));
  return announced;
}

// Before its window is full nobody knows whether a trigger fires: the run before may have seen it fire all along.
function remember({ spec, history, fired }: EngineState, firing: ReadonlySet<string>): void {
  fired.clear();
  for (const { name, trigger } of spec.signals)
    if ((history.get(name)?.length ?? 0) >= trigger.buckets) fired.set(name, firing.has(name));
}

function firingOf(state: EngineState, spec: SignalSpec, start: number): Firing {
  const since = start - (spec.trigger.buckets - 1) * state.spec.bucketMs;
  return firingBetween(state, spec, since, start);
}

/** What a signal's trigger was judged by between two bucket starts, both included. */
export function firingBetween(state: EngineState, spec: SignalSpec, since: number, start: number): Firing {
  const { value, n } = readingOf(batchesBetween(state, spec.name, since, start), spec.trigger.statistic);
  const got = value === null ? 'unknown' : formatBeside(value, spec.trigger, spec.unit);
  return {
    signal: spec.name,
    got: `${spec.trigger.statistic} ${got} (n=${n})`,
    allowed: formatLimit(spec.trigger, spec.unit),
    value,
    n,
    since,
    evidence: evidenceBetween(state, spec.name, since, start),
  };
}

/** What messages quote: p95 and error rate, over the longer of the windows that their triggers look at. */
export function symptomsAt(state: EngineState, start: number): Symptoms {
  const quoted = requestSignals(state.spec);
  const windows = [quoted.latency, quoted.errors].map((name) => specOf(state, name)?.trigger.buckets ?? 1);
  const buckets = Math.max(...windows);
  const from = start - (buckets - 1) * state.spec.bucketMs;
  const latency = readingOf(batchesBetween(state, quoted.latency, from, start), 'p95');
  const errors = readingOf(batchesBetween(state, quoted.errors, from, start), 'rate');
  const { request } = state.facts;
  return {
    windowMs: buckets * state.spec.bucketMs,
    p95: latency.value,
    errorRatio: errors.value,
    n: errors.n,
    // One of an incident before would send whoever looks it up to the wrong place.
    ...(request !== undefined && request.at >= from && { requestId: request.id }),
  };
}

/** Whether any signal's newest bucket is bad. */
export function anyBad(state: EngineState): string | undefined {
  return state.spec.signals.find(({ name }) => state.history.get(name)?.at(-1)?.state === 'bad')?.name;
}
