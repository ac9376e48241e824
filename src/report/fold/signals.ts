import type { EventOf, SiagaEvent } from '../../event/envelope.ts';
import type { JudgeSpec, SignalSpec } from '../../event/specs.ts';
import { bucketStart } from '../../signal/bucket.ts';
import { judge } from '../../signal/judge.ts';
import { percentile } from '../../signal/percentile.ts';
import { readingOf } from '../../signal/reading.ts';
import type { RunFacts, SeriesPoint, SignalSeries } from '../model.ts';
import { groupBy, ofType } from '../../projection/pick.ts';

type Batch = EventOf<'samples'>;

/** Every signal of the runbook by bucket, from the source that is judged in this run. */
export function foldSignals(events: readonly SiagaEvent[], run: RunFacts): readonly SignalSeries[] {
  const bySignal = groupBy(ofType(events, 'samples'), ({ data }) => `${data.signal} ${data.source}`);
  const round = ofType(events, 'round.measured').at(-1)?.data.signals;
  return run.judge.signals.map((spec) => {
    const measured = round?.find(({ signal }) => signal === spec.name);
    const series = seriesOf(spec, bySignal.get(`${spec.name} ${spec.source}`) ?? [], run);
    return { ...series, ...(measured && { measured }) };
  });
}

function seriesOf(spec: SignalSpec, batches: readonly Batch[], run: RunFacts): SignalSeries {
  const data = batches.map((batch) => batch.data);
  const { n, value } = readingOf(data, spec.trigger.statistic);
  return {
    spec,
    good: run.judge.recovery.criteria.find(({ signal }) => signal === spec.name)?.good,
    n,
    value,
    spread: spreadOf(batches),
    points: batches.length === 0 ? [] : pointsOf(spec, batches, run),
    evidence: batches.map(({ seq }) => seq),
  };
}

function pointsOf(
  spec: SignalSpec,
  batches: readonly Batch[],
  { judge: rules, startedAt, endedAt }: RunFacts,
): SeriesPoint[] {
  const buckets = groupBy(batches, ({ data }) => String(bucketStart(data.from, rules.bucketMs)));
  const points: SeriesPoint[] = [];
  for (const from of bucketsBetween(startedAt, endedAt, rules)) {
    const inside = buckets.get(String(from)) ?? [];
    const { n, value, state } = judge(
      spec,
      inside.map(({ data }) => data),
    );
    points.push({
      from,
      n,
      value: state === 'unknown' ? null : value,
      state,
      evidence: inside.map(({ seq }) => seq),
    });
  }
  return points;
}

/** At most this many buckets: a run of two days at one minute each. */
const mostBuckets = 2_880;

function bucketsBetween(from: number, to: number, { bucketMs }: JudgeSpec): readonly number[] {
  const first = bucketStart(from, bucketMs);
  const count = Math.min(mostBuckets, Math.floor((to - first) / bucketMs) + 1);
  return Array.from({ length: Math.max(0, count) }, (_, index) => first + index * bucketMs);
}

function spreadOf(batches: readonly Batch[]): SignalSeries['spread'] {
  const values = Float64Array.from(
    batches.flatMap(({ data }) => (data.data.kind === 'values' ? data.data.values : [])),
  ).toSorted();
  const max = values.at(-1);
  if (max === undefined) return undefined;
  return { p50: percentile(values, 50), p95: percentile(values, 95), p99: percentile(values, 99), max };
}
