import type { SiagaEvent } from '../event/envelope.ts';
import type { SignalMeasured } from '../event/round.ts';
import type { JudgeSpec, SignalSpec } from '../event/specs.ts';
import { readingOf } from '../signal/reading.ts';
import { ofType } from './pick.ts';

/** How the last round measured each signal, those of a load as the load after it did; `undefined` without a round. */
export function foldMeasured(
  events: readonly SiagaEvent[],
  judge: JudgeSpec | undefined,
): readonly SignalMeasured[] | undefined {
  const round = ofType(events, 'round.measured').at(-1);
  if (round === undefined) return undefined;
  const later = lastLoad(events, round.seq);
  return round.data.signals.map((signal) => {
    const spec = judge?.signals.find(({ name }) => name === signal.signal);
    return spec === undefined ? signal : byLoad(signal, spec, later);
  });
}

/** What the last load of its own after the round reported; the load of an experiment is its traffic. */
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
