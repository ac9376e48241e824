import type { UnusableMetric } from '../event/round.ts';
import type { MetricSpec } from '../event/specs.ts';
import { countedAs, matching, type Scrape, type ScrapedMetric } from './increase.ts';
import type { MetricsPage, Series } from './metrics-text.ts';

// As long as Prometheus takes a sample for the present one.
const staleAfterMs = 300_000;

/** Whether a sample was taken, by its own timestamp, too long ago to say how the target is now. */
export const isStale = ({ at }: Series, now: number): boolean => at !== undefined && now - at > staleAfterMs;

/** The metrics that a page does tell, but so that they cannot be judged, each with the first reason. */
export function unusableOf(
  page: MetricsPage,
  now: number,
  metrics: readonly ScrapedMetric[],
): readonly UnusableMetric[] {
  const found = metrics.flatMap(({ metric }): UnusableMetric[] => {
    const why = whyUnusable(metric, page, now);
    return why === undefined ? [] : [{ metric: metric.name, why }];
  });
  return [...new Map(found.toReversed().map((each) => [each.metric, each])).values()].toReversed();
}

/** `the metrics could not be read: queue_depth is NaN`; nothing where all can be judged. */
export const unusableWords = (unusable: readonly UnusableMetric[]): string | undefined =>
  unusable.length === 0
    ? undefined
    : `the metrics could not be read: ${unusable.map(({ metric, why }) => `${metric} ${why}`).join(', ')}`;

function whyUnusable(metric: MetricSpec, page: MetricsPage, now: number): string | undefined {
  const own = matching(page.series, countedAs(metric) ?? metric.name, metric.labels);
  if (own.length === 0) return whyOfAnotherKind(metric, page);
  const stale = own.find((series) => isStale(series, now));
  if (stale !== undefined) return `has a timestamp of ${new Date(stale.at ?? 0).toISOString()}`;
  return whyNoFigure(metric, own) ?? (metric.type === 'histogram' ? whyNoHistogram(own) : undefined);
}

function whyOfAnotherKind({ name, type }: MetricSpec, { series, types }: MetricsPage): string | undefined {
  const exposes = (suffix: string): boolean => series.some((each) => each.name === `${name}${suffix}`);
  const kind = types.get(name) ?? types.get(name.replace(/_total$/, ''));
  if (type !== 'histogram')
    return !exposes('') && (kind === 'summary' || kind === 'histogram')
      ? `is exposed as a ${kind}`
      : undefined;
  if (exposes('_bucket')) return undefined;
  const hasQuantiles = series.some((each) => each.name === name && 'quantile' in each.labels);
  if (kind === 'summary' || hasQuantiles) return 'is exposed as a summary: no buckets';
  if (kind === 'counter' || kind === 'gauge') return `is exposed as a ${kind}: no buckets`;
  return exposes('_count') || exposes('_sum') || exposes('') ? 'has no buckets' : undefined;
}

// A gauge may well be without bounds; what is counted may not.
function whyNoFigure({ type }: MetricSpec, own: Scrape): string | undefined {
  const odd = own.filter(({ value }) => (type === 'gauge' ? Number.isNaN(value) : !Number.isFinite(value)));
  const [first] = odd;
  if (first === undefined) return undefined;
  const often = own.length === 1 ? '' : ` in ${odd.length} of its ${own.length} series`;
  return `is ${wordOf(first.value)}${often}`;
}

function whyNoHistogram(own: Scrape): string | undefined {
  const groups = Map.groupBy(own, ({ labels: { le: _, ...rest } }) =>
    JSON.stringify(Object.entries(rest).toSorted()),
  );
  return [...groups.values()].every(hasAll) ? undefined : 'has no bucket of +Inf';
}

const wordOf = (value: number): string => (Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf');

const hasAll = (group: Scrape): boolean => group.some(({ labels }) => labels['le'] === '+Inf');
