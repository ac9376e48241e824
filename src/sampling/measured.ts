import type { SiagaEvent } from '../event/envelope.ts';
import type { MetricsLook, SignalMeasured } from '../event/round.ts';
import type { JudgeSpec, SignalSpec } from '../event/specs.ts';
import { readingOf } from '../signal/reading.ts';
import type { Increase } from './increase.ts';
import type { SourceReader } from './own-source.ts';

/** How well these events of a run measured each signal of the runbook, and what was counted since the round before. */
export function signalsMeasured(
  judge: JudgeSpec,
  events: readonly SiagaEvent[],
  metrics: MetricsLook | undefined,
  since?: { readonly at: number; readonly increases: readonly Increase[] },
  own: readonly Pick<SourceReader, 'name' | 'why'>[] = [],
): SignalMeasured[] {
  const batches = Map.groupBy(
    events.flatMap(({ type, data }) => (type === 'samples' ? [data] : [])),
    ({ signal, source }) => `${signal} ${source}`,
  );
  return judge.signals.map((spec) => {
    const { name, source, trigger, minSamples } = spec;
    const { n, value } = readingOf(batches.get(`${name} ${source}`) ?? [], trigger.statistic);
    const increase = since && increaseOf(spec, since);
    const facts = { signal: name, n, value, ...(increase && { increase }) };
    if (n === 0 || value === null) {
      return { ...facts, state: 'not-measured', why: whyNot(spec, events, metrics, own) };
    }
    return { ...facts, state: n < minSamples ? 'too-few' : 'measured' };
  });
}

function increaseOf(
  { name, trigger }: SignalSpec,
  { at, increases }: { readonly at: number; readonly increases: readonly Increase[] },
): SignalMeasured['increase'] {
  const own = increases.filter(({ signal }) => signal === name);
  return own.length === 0 ? undefined : { since: at, ...readingOf(own, trigger.statistic) };
}

function whyNot(
  { source, supply, metric, own: name }: SignalSpec,
  events: readonly SiagaEvent[],
  metrics: MetricsLook | undefined,
  own: readonly Pick<SourceReader, 'name' | 'why'>[],
): string {
  switch (source) {
    case 'load':
      return 'no load runs';
    case 'probe':
      return whyNoProbe(supply?.checks ?? [], events);
    case 'own':
      return own.find((reader) => reader.name === name)?.why ?? `source ${name} was not read`;
    case 'server':
      if (metrics === undefined) return 'the configuration names no metrics of the target';
      if (metrics.why !== undefined) return metrics.why;
      const unusable = metrics.unusable?.find((each) => each.metric === metric?.name);
      if (unusable !== undefined) return `${unusable.metric} ${unusable.why}`;
      if (metric?.type === 'gauge' || metrics.untold?.includes(metric?.name ?? ''))
        return `the target reports no ${metric?.name}`;
      return metrics.several
        ? 'each look at the metrics met another process'
        : `${metric?.name ?? 'the metric'} counted nothing meanwhile`;
  }
}

function whyNoProbe(feeding: readonly string[], events: readonly SiagaEvent[]): string {
  if (feeding.length === 0) return 'no check feeds it';
  const asked = new Set(events.flatMap(({ type, data }) => (type === 'check.finished' ? [data.check] : [])));
  const silent = feeding.filter((name) => asked.has(name));
  return silent.length === 0
    ? `${feeding.join(', ')} did not run`
    : `no answer of ${silent.join(', ')} reported it`;
}
