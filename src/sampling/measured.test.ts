import { describe, expect, test } from 'vitest';
import runbook from '../../runbook.ts';
import type { SiagaEvent } from '../event/envelope.ts';
import type { SampleData, SampleSource } from '../event/samples.ts';
import { compileJudge } from '../runbook/judge.ts';
import { increasesSince, judgedMetrics, type Left, totalsOf } from './increase.ts';
import { signalsMeasured } from './measured.ts';
import { parseMetrics } from './metrics-text.ts';

const judge = compileJudge(runbook, { speed: 1, loadRunning: false, coreChecks: [] });
const metrics = judgedMetrics(judge);

const samples = (signal: string, source: SampleSource, data: SampleData): SiagaEvent =>
  ({ type: 'samples', data: { signal, source, labels: {}, from: 0, to: 1, data } }) as SiagaEvent;
const values = (...numbers: number[]): SampleData => ({ kind: 'values', values: numbers });

const of = (
  signal: string,
  ...rest: Parameters<typeof signalsMeasured> extends [unknown, ...infer R] ? R : never
) => signalsMeasured(judge, ...rest).find((each) => each.signal === signal);

describe('a signal', () => {
  test.each([
    [
      'with enough samples is measured',
      Array.from({ length: 20 }, () => 1),
      { state: 'measured', n: 20, value: 1 },
    ],
    ['with fewer is too few', [3, 5], { state: 'too-few', n: 2, value: 5 }],
  ])('%s', (_, numbers, expected) => {
    expect(of('freshness', [samples('freshness', 'probe', values(...numbers))], undefined)).toMatchObject(
      expected,
    );
  });

  test.each<[string, string, SiagaEvent[], Parameters<typeof of>[2], string]>([
    [
      'whose metrics nobody configured',
      'redis.up',
      [],
      undefined,
      'the configuration names no metrics of the target',
    ],
    ['whose metrics could not be read', 'redis.up', [], { why: 'status 503' }, 'status 503'],
    ['whose gauge is not told', 'redis.up', [], {}, 'the target reports no redis_up'],
    [
      'hunt 15: whose histogram is a summary',
      'db.latency',
      [],
      { unusable: [{ metric: 'db_query_duration_seconds', why: 'is exposed as a summary: no buckets' }] },
      'db_query_duration_seconds is exposed as a summary: no buckets',
    ],
    [
      'whose histogram had no traffic',
      'db.latency',
      [],
      {},
      'db_query_duration_seconds counted nothing meanwhile',
    ],
    [
      'A3: of which every look met another process',
      'db.latency',
      [],
      { several: true },
      'each look at the metrics met another process',
    ],
    [
      'of another source',
      'redis.up',
      [samples('redis.up', 'probe', values(1))],
      {},
      'the target reports no redis_up',
    ],
    ['that no check feeds', 'freshness', [], undefined, 'no check feeds it'],
  ])('%s is not measured, and why', (_, signal, events, look, why) => {
    expect(of(signal, events, look)).toMatchObject({ state: 'not-measured', n: 0, value: null, why });
  });
});

const scrape = (fast: number, slow: number, started = 1) =>
  parseMetrics(
    [
      `process_start_time_seconds ${started}`,
      `db_query_duration_seconds_bucket{pool="a",le="0.1"} ${fast}`,
      `db_query_duration_seconds_bucket{pool="b",le="0.1"} ${fast}`,
      `db_query_duration_seconds_bucket{pool="a",le="1"} ${fast + slow}`,
      `db_query_duration_seconds_bucket{pool="b",le="1"} ${fast}`,
      `db_query_duration_seconds_bucket{pool="a",le="+Inf"} ${fast + slow}`,
      `db_query_duration_seconds_bucket{pool="b",le="+Inf"} ${fast}`,
      `redis_up 1`,
      `unjudged_total 99`,
    ].join('\n'),
  );

const left = (...numbers: Parameters<typeof scrape>) => totalsOf(scrape(...numbers), metrics);

const since = (now: ReturnType<typeof left>, before: Partial<Left> = {}, over: Partial<Left> = {}) => ({
  at: 7,
  increases: increasesSince({ totals: left(100, 10), ...before }, { totals: now, ...over }, metrics),
});

describe('what was counted since the round before', () => {
  test('is kept as sums of what is judged, and when the process began', () => {
    expect(left(100, 10)).toEqual(
      expect.arrayContaining([
        { name: 'db_query_duration_seconds_bucket', labels: { le: '1' }, value: 210 },
        { name: 'process_start_time_seconds', labels: {}, value: 1 },
      ]),
    );
    expect(left(100, 10).map(({ name }) => name)).not.toContain('unjudged_total');
  });

  test('is told with its count', () => {
    expect(of('db.latency', [], {}, since(left(120, 10)))?.increase).toMatchObject({ since: 7, n: 40 });
    expect(of('db.latency', [], {}, since(left(100, 60)))?.increase?.value).toBeGreaterThan(500);
  });

  test('A3: is never taken where more than one process answered, then or now', () => {
    const now = left(120, 60);
    expect(of('db.latency', [], {}, since(now, { several: true }))?.increase).toBeUndefined();
    expect(of('db.latency', [], {}, since(now, {}, { several: true }))?.increase).toBeUndefined();
  });

  test('is never the whole of a metric that the page did not tell the round before', () => {
    const before = { totals: [], untold: ['db_query_duration_seconds'] };
    const start = left(120, 60).filter(({ name }) => name === 'process_start_time_seconds');
    expect(
      of('db.latency', [], {}, since(left(120, 60), { ...before, totals: start }))?.increase,
    ).toBeUndefined();
  });

  test('is never taken across a restart, nor where a counter was set back', () => {
    expect(of('db.latency', [], {}, since(left(120, 60, 2)))?.increase).toBeUndefined();
    expect(of('db.latency', [], {}, since(left(90, 60)))?.increase).toBeUndefined();
    expect(of('redis.up', [], {}, since(left(120, 60)))?.increase).toBeUndefined();
  });
});
