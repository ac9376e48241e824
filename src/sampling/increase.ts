import type { SampleData } from '../event/samples.ts';
import type { MetricsLook } from '../event/round.ts';
import type { JudgeSpec, MetricSpec } from '../event/specs.ts';
import type { Series } from './metrics-text.ts';

/** A metric of the target that feeds a signal. */
export interface ScrapedMetric {
  readonly signal: string;
  readonly metric: MetricSpec;
  /** Labels that tell its series apart; the rest is summed up. Default: all of a gauge, none of the others. */
  readonly keep?: readonly string[];
  /** Whether a counter that did not move is written too, as the proof that it was looked at. */
  readonly zeros: boolean;
  /** Whether looks are reported within a second, not in the windows of other gauges. */
  readonly prompt?: boolean;
}

/** The metrics that a runbook judges by, and nothing else. */
export function judgedMetrics({ signals }: JudgeSpec): ScrapedMetric[] {
  return signals.flatMap(({ name, metric }) => (metric ? [{ signal: name, metric, zeros: true }] : []));
}

/** The metrics that signals are judged by and that a page with these names does not tell. */
export function unreportedMetrics(names: ReadonlySet<string>, { signals }: JudgeSpec): string[] {
  const configured = signals.flatMap(({ source, metric }) => (source === 'server' && metric ? [metric] : []));
  const missing = configured.filter(({ name }) => !namesOf(name).some((each) => names.has(each)));
  return [...new Set(missing.map(({ name }) => name))];
}

// OpenMetrics names a counter without its ending where it tells its type, and a histogram only by its parts.
const namesOf = (name: string): string[] => [name, name.replace(/_total$/, ''), `${name}_bucket`];

/** What one look at the target's metrics found. */
export type Scrape = readonly Series[];

export interface Increase {
  readonly signal: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly data: SampleData;
  readonly prompt?: boolean;
}

/**
 * What happened between two looks at one process: increases of counters and histograms, and gauges as they stand.
 * @param before empty for a process that began since: it counts from zero; `undefined` where nothing is known of it
 */
export function increases(
  before: Scrape | undefined,
  now: Scrape,
  metrics: readonly ScrapedMetric[],
): Increase[] {
  return metrics.flatMap((scraped) => {
    const { type } = scraped.metric;
    if (type === 'gauge') return gauges(now, scraped);
    if (before === undefined) return [];
    return type === 'counter' ? counters(before, now, scraped) : histograms(before, now, scraped);
  });
}

/** The totals of one round, and what keeps them from being held against those of another. */
export type Left = Pick<MetricsLook, 'totals' | 'several' | 'untold' | 'unusable'>;

/**
 * What counters and histograms counted since the look of a round that may be long ago. Nothing of a metric that was set
 * back, or that the page did not tell, or not so that it could be judged, at either look; nothing at all across a restart, for what was counted before it is lost, nor
 * where more than one process answered: one is not measured by what another stood at.
 */
export function increasesSince(before: Left, now: Left, metrics: readonly ScrapedMetric[]): Increase[] {
  const [was, is] = [before.totals ?? [], now.totals ?? []];
  if (before.several || now.several || restarted(was, is)) return [];
  const unknown = new Set([
    ...(before.untold ?? []),
    ...[...(before.unusable ?? []), ...(now.unusable ?? [])].map(({ metric }) => metric),
  ]);
  const steady = metrics.filter(
    ({ metric }) => metric.type !== 'gauge' && !unknown.has(metric.name) && !wasSetBack(was, is, metric),
  );
  return increases(was, is, steady);
}

/**
 * The series by which a process is told from another: what is counted of these metrics, and its time of the processor.
 * What counters of an unusable metric stand at is not known: NaN.
 */
export function countersOf(
  scrape: Scrape,
  metrics: readonly ScrapedMetric[],
  unusable: ReadonlySet<string>,
): Scrape {
  const own = metrics.flatMap(({ metric }) => {
    const name = countedAs(metric);
    const series = name === undefined ? [] : matching(scrape, name, metric.labels);
    return unusable.has(metric.name) ? series.map((each) => ({ ...each, value: Number.NaN })) : series;
  });
  const cpu = matching(scrape, 'process_cpu_seconds_total', {}).filter(({ value }) => Number.isFinite(value));
  return [...new Map([...own, ...cpu].map((series) => [keyOf(series), series])).values()];
}

/** The counters and histograms of these metrics, each summed over its series, and when the process began. */
export function totalsOf(scrape: Scrape, metrics: readonly ScrapedMetric[]): Scrape {
  // Two signals may be judged by one metric.
  const distinct = new Map(
    metrics.map(({ metric }) => [JSON.stringify([metric.name, metric.labels]), metric]),
  );
  const totals = [...distinct.values()].flatMap((metric) => {
    const name = countedAs(metric);
    if (name === undefined) return [];
    const bounds = Map.groupBy(matching(scrape, name, metric.labels), ({ labels }) => labels['le']);
    return [...bounds].map(([le, series]) => ({
      name,
      labels: { ...metric.labels, ...(le !== undefined && { le }) },
      value: series.reduce((sum, { value }) => sum + value, 0),
    }));
  });
  return [...totals, ...scrape.filter(({ name }) => name === startTime)].filter(({ value }) =>
    Number.isFinite(value),
  );
}

/** The name of the series that count a metric; nothing of a gauge. */
export function countedAs({ name, type }: MetricSpec): string | undefined {
  if (type === 'gauge') return undefined;
  return type === 'histogram' ? `${name}_bucket` : name;
}

function wasSetBack(before: Scrape, now: Scrape, metric: MetricSpec): boolean {
  const name = countedAs(metric) ?? metric.name;
  const was = new Map(matching(before, name, metric.labels).map((series) => [keyOf(series), series.value]));
  return matching(now, name, metric.labels).some((series) => series.value < (was.get(keyOf(series)) ?? 0));
}

/** The gauge by which a process tells when it began, seconds since the epoch. */
export const startTime = 'process_start_time_seconds';

function restarted(before: Scrape, now: Scrape): boolean {
  const [was, is] = [before, now].map((scrape) => scrape.find(({ name }) => name === startTime)?.value);
  return was !== is;
}

function gauges(now: Scrape, { signal, metric, keep, prompt }: ScrapedMetric): Increase[] {
  return matching(now, metric.name, metric.labels)
    .filter(({ value }) => !Number.isNaN(value))
    .map(({ labels, value }) => ({
      signal,
      labels: keep ? pick(labels, keep) : labels,
      data: { kind: 'values', values: [bounded(value * metric.scale)] },
      ...(prompt && { prompt }),
    }));
}

// An event cannot hold a value without bounds.
const bounded = (value: number): number => Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));

function counters(
  before: Scrape,
  now: Scrape,
  { signal, metric, keep = [], zeros }: ScrapedMetric,
): Increase[] {
  const moved = deltas(before, now, metric.name, metric.labels);
  return grouped(moved, keep).flatMap(({ labels, members }) => {
    const increase = members.reduce((sum, { value }) => sum + value, 0) * metric.scale;
    return increase === 0 && !zeros ? [] : [{ signal, labels, data: { kind: 'counter', increase } }];
  });
}

function histograms(before: Scrape, now: Scrape, { signal, metric, keep = [] }: ScrapedMetric): Increase[] {
  const moved = deltas(before, now, `${metric.name}_bucket`, metric.labels);
  return grouped(moved, keep).flatMap(({ labels, members }) => {
    const upTo = Map.groupBy(members, (series) =>
      Number((series.labels['le'] ?? '').replace('+Inf', 'Infinity')),
    );
    const bounds = [...upTo.keys()].toSorted((a, b) => a - b);
    const cumulative = bounds.map((bound) =>
      (upTo.get(bound) ?? []).reduce((sum, { value }) => sum + value, 0),
    );
    if ((cumulative.at(-1) ?? 0) === 0) return [];
    const le = bounds.map((bound) => (bound === Infinity ? null : Number((bound * metric.scale).toFixed(6))));
    const counts = cumulative.map((count, index) => count - (cumulative[index - 1] ?? 0));
    return [{ signal, labels, data: { kind: 'histogram', le, counts } }];
  });
}

export function matching(scrape: Scrape, name: string, labels: Readonly<Record<string, string>>): Series[] {
  const wanted = Object.entries(labels);
  return scrape.filter(
    (series) => series.name === name && wanted.every(([key, value]) => series.labels[key] === value),
  );
}

// A series that is not there yet stands at zero.
function deltas(
  before: Scrape,
  now: Scrape,
  name: string,
  labels: Readonly<Record<string, string>>,
): Series[] {
  const was = new Map(matching(before, name, labels).map((series) => [keyOf(series), series.value]));
  return matching(now, name, labels)
    .map((series) => ({ ...series, value: series.value - (was.get(keyOf(series)) ?? 0) }))
    .filter(({ value }) => Number.isFinite(value));
}

function grouped(series: readonly Series[], keep: readonly string[]) {
  const groups = Map.groupBy(series, ({ labels }) => keyOf({ name: '', labels: pick(labels, keep) }));
  return [...groups.values()].map((members) => ({ labels: pick(members[0]?.labels ?? {}, keep), members }));
}

/** What a series is told from others by. */
export function keyOf({ name, labels }: Pick<Series, 'name' | 'labels'>): string {
  return JSON.stringify([name, ...Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1))]);
}

function pick(labels: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => names.includes(name)));
}
