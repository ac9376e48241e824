import type { SiagaEvent } from '../event/envelope.ts';
import type { CheckJudged, SignalMeasured } from '../event/round.ts';
import type { JudgeSpec, SignalSpec } from '../event/specs.ts';
import { formatLimit } from '../runbook/condition.ts';
import { readingOf } from '../signal/reading.ts';
import type { CheckResult, SignalResult } from './envelope.ts';

/** How a round measured each signal, those of a load as the load after it did; `undefined` for a run without a round. */
export function foldMeasured(
  events: readonly SiagaEvent[],
  judge: JudgeSpec | undefined,
): readonly SignalResult[] | undefined {
  const round = lastRound(events);
  if (round === undefined) return undefined;
  const later = lastLoad(events, round.seq);
  return round.data.signals.flatMap((signal) => {
    const spec = judge?.signals.find(({ name }) => name === signal.signal);
    return spec === undefined ? [] : [signalResult(byLoad(signal, spec, later), spec)];
  });
}

/** What the last load of its own after the round told; the load of an experiment is its traffic. */
function lastLoad(events: readonly SiagaEvent[], after: number): readonly SiagaEvent[] {
  const end = events.findIndex(({ type }) => type === 'experiment.started');
  const own = (end < 0 ? events : events.slice(0, end)).filter(({ seq }) => seq > after);
  const start = own.findLastIndex(({ type }) => type === 'load.started');
  return start < 0 ? [] : own.slice(start);
}

// A round sees no load; where one ran after it, its signals are as that measured them.
function byLoad(signal: SignalMeasured, spec: SignalSpec, later: readonly SiagaEvent[]): SignalMeasured {
  if (spec.source !== 'load') return signal;
  const batches = later.flatMap(({ type, data }) =>
    type === 'samples' && data.signal === spec.name && data.source === 'load' ? [data] : [],
  );
  const { n, value } = readingOf(batches, spec.trigger.statistic);
  if (n === 0 || value === null)
    return later.length === 0 ? signal : { ...signal, why: 'the load gave no samples' };
  return { signal: spec.name, state: n < spec.minSamples ? 'too-few' : 'measured', n, value };
}

const lastRound = (events: readonly SiagaEvent[]) =>
  events.findLast((event) => event.type === 'round.measured');

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

/** The verdict of the last round on a check, over all of its answers; none where it was asked again after the round. */
export function judgedIn(
  events: readonly SiagaEvent[],
): (check: string, newest: number) => CheckJudged | undefined {
  const round = lastRound(events);
  return (check, newest) =>
    round === undefined || newest > round.seq
      ? undefined
      : round.data.checks.find((each) => each.check === check);
}

/** A check as its round judged it, rather than by one of its answers. */
export function asJudged(result: CheckResult, judged: CheckJudged | undefined): CheckResult {
  if (judged === undefined) return result;
  const { outcome, standsSince } = judged;
  return {
    ...result,
    outcome,
    ...(outcome === 'passed' && { violations: [], body: null }),
    ...(standsSince !== undefined && { standsSince: new Date(standsSince).toISOString() }),
  };
}
