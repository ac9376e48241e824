import type { EventOf, SiagaEvent } from '../event/envelope.ts';
import type { SignalMeasured } from '../event/round.ts';
import type { Condition, JudgeSpec, SignalSpec } from '../event/specs.ts';
import { bucketStart } from '../signal/bucket.ts';
import { judge } from '../signal/judge.ts';
import { percentile, readingOf } from '../signal/reading.ts';
import { groupBy, ofType } from './pick.ts';
import { foldMeasured } from './measured.ts';
import type { RunFacts } from './run.ts';

/** One signal over the run, by bucket. */
export interface SignalSeries {
  readonly spec: SignalSpec;
  readonly good: Condition | undefined;
  readonly n: number;
  /** The statistic of the trigger over the whole run. */
  readonly value: number | null;
  /** Other percentiles over the whole run, where the samples are values. */
  readonly spread:
    | { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number }
    | undefined;
  readonly points: readonly SeriesPoint[];
  readonly evidence: readonly number[];
  /** As the run's last round saw it, where there was one. */
  readonly measured?: SignalMeasured;
}

export interface SeriesPoint {
  /** Start of the bucket. */
  readonly from: number;
  readonly n: number;
  readonly value: number | null;
  readonly state: 'bad' | 'ok' | 'unknown';
  readonly evidence: readonly number[];
}

type Batch = EventOf<'samples'>;

/** Every signal of the runbook by bucket, from the source that is judged in this run. */
export function foldSignals(events: readonly SiagaEvent[], run: RunFacts): readonly SignalSeries[] {
  const bySignal = groupBy(ofType(events, 'samples'), ({ data }) => `${data.signal} ${data.source}`);
  const round = foldMeasured(events, run.judge);
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
