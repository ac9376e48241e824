import { describe, expect, test } from 'vitest';
import type { HttpExchange } from '../check/ports.ts';
import type { MetricSpec } from '../event/specs.ts';
import type { SamplingContext } from './context.ts';
import { increasesSince, type ScrapedMetric, totalsOf } from './increase.ts';
import { readPage } from './metrics-text.ts';
import type { Sample } from './recorder.ts';
import { MetricsReader } from './scraper.ts';

const now = Date.UTC(2026, 8, 13, 3, 40);

const scraped = (name: string, type: MetricSpec['type']): ScrapedMetric => ({
  signal: name,
  zeros: true,
  metric: { name, type, labels: {}, scale: 1 },
});
const metrics = [
  scraped('queue_depth', 'gauge'),
  scraped('jobs_total', 'counter'),
  scraped('db', 'histogram'),
];

const buckets = (...counts: readonly (number | string)[]): string =>
  [0.1, 1, '+Inf'].map((le, index) => `db_bucket{le="${le}"} ${counts[index]}`).join('\n');

/** Looks at each of these pages in turn; the first look of all is made twice, at the same page. */
async function looking(...pages: readonly string[]) {
  const [first = '', ...rest] = pages;
  const served = [first, first, ...rest];
  const told: Sample[] = [];
  const problems: unknown[] = [];
  const context = {
    http: {
      ask: async () =>
        ({
          kind: 'answered',
          status: 200,
          headers: {},
          cut: false,
          body: new TextEncoder().encode(served.shift()),
        }) as unknown as HttpExchange,
    },
    journal: { append: ({ data }: { data: unknown }) => void problems.push(data) },
    clock: { now: () => now },
    target: {},
    random: { id: () => '' },
    signal: new AbortController().signal,
    secrets: [],
  } as unknown as SamplingContext;
  const reader = new MetricsReader({ url: 'http://127.0.0.1/metrics', metrics });
  while (served.length > 0) await reader.look({ sample: (sample) => void told.push(sample) }, context);
  const of = (signal: string) => told.filter((each) => each.signal === signal).map(({ data }) => data);
  return { of, problems, unusable: reader.last?.unusable, several: reader.several };
}

const well = `queue_depth 3\njobs_total 500\n${buckets(1, 2, 3)}`;

describe('hunt 4, 15 and j: a metric that is told so that it cannot be judged is unusable, and says why', () => {
  test.each<[string, string, string]>([
    ['a gauge without a figure', well.replace('queue_depth 3', 'queue_depth NaN'), 'queue_depth is NaN'],
    [
      'one of several',
      well.replace('queue_depth 3', 'queue_depth{q="a"} 3\nqueue_depth{q="b"} nan'),
      'queue_depth is NaN in 1 of its 2 series',
    ],
    ['a counter without a figure', well.replace('jobs_total 500', 'jobs_total NaN'), 'jobs_total is NaN'],
    ['a counter without bounds', well.replace('jobs_total 500', 'jobs_total +Inf'), 'jobs_total is +Inf'],
    [
      'a histogram without a figure',
      well.replace(buckets(1, 2, 3), buckets(1, 'NaN', 3)),
      'db is NaN in 1 of its 3 series',
    ],
    [
      'a summary, by its type',
      well.replace(buckets(1, 2, 3), '# TYPE db summary\ndb_count 3\ndb_sum 1'),
      'db is exposed as a summary: no buckets',
    ],
    [
      'a summary that does not say so',
      well.replace(buckets(1, 2, 3), 'db{quantile="0.9"} 1\ndb_count 3'),
      'db is exposed as a summary: no buckets',
    ],
    [
      'a histogram that breaks off',
      well.replace(buckets(1, 2, 3), 'db_bucket{le="0.1"} 1\ndb_bucket{le="1"} 2\ndb_count 3'),
      'db has no bucket of +Inf',
    ],
    [
      'a gauge that is a summary',
      well.replace('queue_depth 3', '# TYPE queue_depth summary\nqueue_depth_count 3'),
      'queue_depth is exposed as a summary',
    ],
    [
      'a timestamp of long ago',
      well.replace('queue_depth 3', 'queue_depth 3 1000'),
      'queue_depth has a timestamp of 1970-01-01T00:00:01.000Z',
    ],
    [
      'a timestamp of six minutes ago',
      well.replace('jobs_total 500', `jobs_total 500 ${now - 360_000}`),
      'jobs_total has a timestamp of 2026-09-13T03:34:00.000Z',
    ],
  ])('%s', async (_name, page, words) => {
    const { unusable, problems } = await looking(page);
    expect(unusable?.map(({ metric, why }) => `${metric} ${why}`)).toEqual([words]);
    expect(problems).toEqual([{ code: 'scrape-failed', message: `the metrics could not be read: ${words}` }]);
  });

  test.each<[string, string]>([
    ['plain figures', well],
    ['a gauge without bounds', well.replace('queue_depth 3', 'queue_depth +Inf')],
    ['a histogram that counted nothing yet', well.replace(buckets(1, 2, 3), '# TYPE db histogram')],
    ['series of other labels alone', 'jobs_total{other="1"} 3'],
    ['a timestamp of now', well.replace('queue_depth 3', `queue_depth 3 ${now - 60_000}`)],
    ['a timestamp of now, as OpenMetrics tells it', `queue_depth 3 ${(now - 60_000) / 1_000}.5\n# EOF`],
  ])('%s can be judged', async (_name, page) => {
    expect((await looking(page)).unusable).toEqual([]);
  });
});

const leftBy = (text: string, unusable: readonly string[] = []) => ({
  totals: totalsOf(readPage(text).series, metrics),
  unusable: unusable.map((metric) => ({ metric, why: 'is NaN' })),
});

describe('hunt 4: what is unusable is not counted, and nothing is lost by it', () => {
  test('a gauge without bounds is a value, as large as an event can hold', async () => {
    const { of } = await looking('queue_depth +Inf', 'queue_depth -Inf');
    expect(of('queue_depth')).toEqual([
      { kind: 'values', values: [Number.MAX_VALUE] },
      { kind: 'values', values: [-Number.MAX_VALUE] },
    ]);
    expect(JSON.parse(JSON.stringify(of('queue_depth')))).toEqual(of('queue_depth'));
  });

  test('a gauge of which one series is no figure is known by the others', async () => {
    const { of } = await looking('queue_depth{q="a"} 300\nqueue_depth{q="b"} NaN');
    expect(of('queue_depth')).toEqual([{ kind: 'values', values: [300] }]);
  });

  test('a gauge of long ago is no value', async () => {
    expect((await looking('queue_depth 300 1000')).of('queue_depth')).toEqual([]);
  });

  test.each(['NaN', '+Inf'])('a counter that is %s for one look goes on from where it stood', async (odd) => {
    const { of, several } = await looking('jobs_total 500', `jobs_total ${odd}`, 'jobs_total 507');
    expect(of('jobs_total')).toEqual([{ kind: 'counter', increase: 7 }]);
    expect(several).toBe(false);
  });

  test('a counter that is first met without a figure counts nothing before it is known', async () => {
    const { of } = await looking('jobs_total NaN', 'jobs_total 500', 'jobs_total 507');
    expect(of('jobs_total')).toEqual([{ kind: 'counter', increase: 7 }]);
  });

  test('a histogram goes on from where all of it stood', async () => {
    const { of } = await looking(buckets(1, 2, 3), buckets(2, 'NaN', 9), buckets(3, 5, 10));
    expect(of('db')).toEqual([{ kind: 'histogram', le: [0.1, 1, null], counts: [2, 1, 4] }]);
  });

  test('from one round to the next nothing is counted of a metric that was no figure in either', () => {
    const since = (before: ReturnType<typeof leftBy>, after: ReturnType<typeof leftBy>) =>
      increasesSince(before, after, metrics).map(({ signal }) => signal);
    expect(since(leftBy('jobs_total 500'), leftBy('jobs_total 1000'))).toEqual(['jobs_total']);
    expect(since(leftBy('jobs_total NaN', ['jobs_total']), leftBy('jobs_total 1000'))).toEqual([]);
    expect(since(leftBy('jobs_total 500'), leftBy('jobs_total NaN', ['jobs_total']))).toEqual([]);
  });
});
