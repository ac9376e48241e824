import { describe, expect, test } from 'vitest';
import type { HttpExchange } from '../check/ports.ts';
import type { SampleData } from '../event/samples.ts';
import type { SamplingContext } from './context.ts';
import type { ScrapedMetric } from './increase.ts';
import { MetricsReader } from './scraper.ts';

const now = Date.UTC(2026, 8, 13, 3, 40);
const second = 1_000;

const counter: ScrapedMetric = {
  signal: 'errors',
  zeros: true,
  metric: { name: 'errors_total', type: 'counter', labels: {}, scale: 1 },
};
const histogram: ScrapedMetric = {
  signal: 'db',
  zeros: true,
  metric: { name: 'db', type: 'histogram', labels: {}, scale: 1 },
};

/** What is counted while each request for the metrics gets the next of these pages, a second after the one before. */
async function reading(pages: readonly string[], metrics: readonly ScrapedMetric[] = [counter]) {
  let asked = 0;
  const clock = { now: () => now + asked * second };
  const ask = async (): Promise<HttpExchange> =>
    ({
      kind: 'answered',
      status: 200,
      headers: [],
      cut: false,
      body: new TextEncoder().encode(pages[asked++]),
    }) as unknown as HttpExchange;
  const context = {
    http: { ask },
    clock,
    target: {},
    random: { id: () => '' },
    signal: new AbortController().signal,
    secrets: [],
  } as unknown as SamplingContext;
  const reader = new MetricsReader({ url: 'http://127.0.0.1/metrics', metrics });
  const told: SampleData[] = [];
  while (asked < pages.length) await reader.look({ sample: ({ data }) => void told.push(data) }, context);
  return {
    told,
    several: reader.several,
    counted: told.map(increaseOf).reduce((sum, each) => sum + each, 0),
  };
}

const increaseOf = (data: SampleData): number =>
  data.kind === 'counter'
    ? data.increase
    : data.kind === 'histogram'
      ? data.counts.reduce((sum, each) => sum + each, 0)
      : 0;

/** A page of a process that began so many seconds before `now`; `undefined` where it does not tell. */
const page = (errors: number, began?: number): string =>
  `${began === undefined ? '' : `process_start_time_seconds ${now / second - began}\n`}errors_total ${errors}\n`;

const timed = (fast: number, all: number): string =>
  `db_bucket{le="1"} ${fast}\ndb_bucket{le="+Inf"} ${all}\n`;

const turns = <T>(n: number, ...each: readonly T[]): T[] =>
  Array.from({ length: n }, (_, index) => each[index % each.length] as T);

describe('A3: two processes that take turns behind one address', () => {
  test.each<[string, readonly string[]]>([
    ['the higher first', turns(12, page(1_000), page(900))],
    ['the lower first', turns(12, page(900), page(1_000))],
    ['that began at the same second', turns(12, page(900, 60), page(1_000, 60))],
    ['that began one after the other', turns(12, page(1_000, 60), page(900, 50))],
    ['that began one after the other, the younger first', turns(12, page(900, 50), page(1_000, 60))],
    ['at random', [1, 0, 0, 1, 1, 1, 0, 1, 0, 0].map((which) => page(which ? 1_000 : 900, 60))],
  ])('add nothing while they count nothing: %s', async (_, pages) => {
    expect(await reading(pages)).toMatchObject({ counted: 0, several: true });
  });

  test.each([
    ['with a start each', 60, 50],
    ['with one start', 60, 60],
    ['without any', undefined, undefined],
  ])('are each counted from where they stood: %s', async (_, a, b) => {
    const pages = Array.from({ length: 20 }, (__, n) =>
      n % 2 === 0 ? page(1_000 + n, a) : page(900 + n, b),
    );
    // From 1000 to 1018 and from 901 to 919: a look after which neither falls is counted in full.
    expect(await reading(pages)).toMatchObject({ counted: 36, several: true });
  });

  test('are told apart by any counter that falls, and nothing of that look is counted', async () => {
    const both: readonly ScrapedMetric[] = [
      counter,
      { ...counter, signal: 'asked', metric: { ...counter.metric, name: 'asked_total' } },
    ];
    const a = `${page(900)}asked_total 50\n`;
    const b = `${page(1_000)}asked_total 40\n`;
    expect(await reading([a, a, b, a, b, b], both)).toMatchObject({ counted: 0, several: true });
    const cpu = (errors: number, seconds: number) => `${page(errors)}process_cpu_seconds_total ${seconds}\n`;
    expect(await reading([cpu(900, 7), cpu(900, 7.1), cpu(1_000, 6), cpu(900, 7.2)])).toMatchObject({
      counted: 0,
      several: true,
    });
  });

  test('have the buckets of a histogram decided together', async () => {
    const pages = turns(8, timed(100, 110), timed(50, 120));
    expect(await reading(pages, [histogram])).toMatchObject({ counted: 0, several: true });
    expect(await reading([...pages, timed(101, 112)], [histogram])).toMatchObject({ counted: 2 });
  });

  test('and one that is gone for a while goes on from its own look', async () => {
    const pages = [page(1_000, 60), page(900, 50), ...turns(5, page(900, 50)), page(1_007, 60)];
    expect((await reading(pages)).counted).toBe(7);
  });
});

describe('one process', () => {
  test('is no several, and each of its increases counts', async () => {
    expect(await reading([5, 5, 8, 8, 9].map((each) => page(each, 60)))).toMatchObject({
      told: [3, 0, 1].map((increase) => ({ kind: 'counter', increase })),
      several: false,
    });
  });

  test('A3: that says that it began since the last look counts from zero, even where it is higher than before', async () => {
    const pages = [page(5, 60), page(5, 60), page(8, -3)];
    expect(await reading(pages)).toMatchObject({ counted: 8, several: false });
  });

  test('A3: that fell without telling a restart is unknown in that look, and counts from there on', async () => {
    expect(await reading([page(1_000), page(1_000), page(2), page(7)])).toMatchObject({
      told: [{ kind: 'counter', increase: 5 }],
      several: true,
    });
  });

  test('A3: whose histogram was set back in any bucket is unknown in all', async () => {
    expect((await reading([timed(5, 7), timed(5, 7), timed(6, 6)], [histogram])).told).toEqual([]);
  });
});
