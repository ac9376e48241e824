import { describe, expect, test } from 'vitest';
import { type AnyCheck, defineCheck } from '../check/definition.ts';
import type { JudgeSpec, SignalSpec } from '../event/specs.ts';
import { planFaults, planOf, signalsOf } from './plan.ts';

const http = (over: Partial<AnyCheck> = {}): AnyCheck => ({
  ...defineCheck({
    name: 'a',
    tags: [],
    every: '3s',
    request: { path: '/a', timeout: '1s' },
    response: { status: 200 },
  }),
  ...over,
});
const echo = (over: object = {}): AnyCheck =>
  defineCheck({
    name: 'echo',
    tags: [],
    every: '75ms',
    socket: { path: '/', send: {}, timeout: '1s', ...over },
    reply: {},
  });

const signal = (over: Partial<SignalSpec>): SignalSpec => ({
  name: 'rest.latency',
  title: '',
  requirements: [],
  unit: 'ms',
  source: 'probe',
  minSamples: 20,
  severity: 'SEV-2',
  group: 'service',
  trigger: { statistic: 'p95', comparison: '>', value: 1, buckets: 5 },
  inhibits: [],
  ...over,
});

const histogram = { name: 'db', type: 'histogram', labels: {}, scale: 1 } as const;
const gauge = { ...histogram, type: 'gauge' } as const;
const spec = (bucketMs: number, ...signals: SignalSpec[]) => ({ bucketMs, signals }) as unknown as JudgeSpec;

const faults = (judge: JudgeSpec, checks: AnyCheck[], rate: number | undefined, metricsEveryMs?: number) => {
  const loads = rate === undefined ? [] : [{ name: 'steady', rate }];
  return planFaults(judge, planOf(judge, { checks, loads, metricsEveryMs }));
};

describe('sampling fills a bucket', () => {
  test.each<[string, JudgeSpec, AnyCheck[], number | undefined, number | undefined]>([
    ['by a check often enough', spec(60_000, signal({})), [http()], undefined, undefined],
    [
      'by several together',
      spec(60_000, signal({})),
      [http({ every: '5s' }), http({ every: '7s' })],
      undefined,
      undefined,
    ],
    ['by messages', spec(2_000, signal({ name: 'ws.roundtrip' })), [echo()], undefined, undefined],
    [
      'by several messages a run',
      spec(2_000, signal({ name: 'ws.roundtrip' })),
      [{ ...echo({ count: 10 }), every: '1s' }],
      undefined,
      undefined,
    ],
    ['by a load', spec(2_000, signal({ source: 'load' })), [], 10, undefined],
    [
      'by looks at a gauge',
      spec(2_000, signal({ source: 'server', minSamples: 4, metric: gauge })),
      [],
      undefined,
      500,
    ],
    [
      'by one look at a histogram',
      spec(2_000, signal({ source: 'server', metric: histogram })),
      [],
      undefined,
      2_000,
    ],
  ])('%s', (_name, judge, checks, rate, scrapeMs) => {
    expect(faults(judge, checks, rate, scrapeMs)).toEqual([]);
  });
});

describe('sampling that cannot fill a bucket is named', () => {
  test.each<[string, JudgeSpec, AnyCheck[], number | undefined, number | undefined, string]>([
    [
      'one sample short',
      spec(60_000, signal({})),
      [http({ every: '3100ms' })],
      undefined,
      undefined,
      '19 in 1 min 00 s (a every 3100ms)',
    ],
    ['at a higher speed', spec(2_000, signal({})), [http()], undefined, undefined, '0 in 2 s (a every 3s)'],
    [
      'held back by maxPerHour',
      spec(60_000, signal({})),
      [http({ maxPerHour: 600 })],
      undefined,
      undefined,
      '10 in 1 min 00 s (a every 3s)',
    ],
    [
      'no check feeds it',
      spec(60_000, signal({ name: 'freshness' })),
      [http()],
      undefined,
      undefined,
      'no check feeds it',
    ],
    [
      'too little load',
      spec(2_000, signal({ source: 'load' })),
      [],
      9,
      undefined,
      '18 in 2 s (steady at 9 requests a second)',
    ],
    ['no load', spec(2_000, signal({ source: 'load' })), [http()], undefined, undefined, 'no load runs'],
    [
      'metrics unread',
      spec(2_000, signal({ source: 'server', metric: histogram })),
      [],
      undefined,
      undefined,
      'the metrics of the target are not read',
    ],
    [
      'looks too rare for the bucket',
      spec(2_000, signal({ source: 'server', metric: histogram })),
      [],
      undefined,
      2_001,
      '0 in 2 s (metrics every 2 s)',
    ],
  ])('%s', (_name, judge, checks, rate, scrapeMs, got) => {
    expect(faults(judge, checks, rate, scrapeMs)).toMatchObject([
      { level: 'error', path: `signals['${judge.signals[0]?.name}']`, got },
    ]);
  });
});

test.each<[string, AnyCheck, string[]]>([
  [
    'a check of the target',
    http({ samples: { freshness: () => 1 } }),
    ['freshness', 'rest.latency', 'rest.errors', 'rest.5xx'],
  ],
  ['one that is not counted', http({ counted: false }), []],
  [
    'one that asks a dependency',
    { ...http(), request: { path: '/', timeout: '1s', direct: 'x' } } as AnyCheck,
    [],
  ],
  ['a WebSocket', echo(), ['ws.roundtrip']],
])('%s feeds what it should', (_name, check, signals) => {
  expect(signalsOf(check, {})).toEqual(signals);
});

test('a check feeds the signals that have the roles', () => {
  const roles = { latency: 'wait', roundTrip: 'echo' };
  expect(signalsOf(http(), { roles })).toContain('wait');
  expect(signalsOf(echo(), { roles })).toEqual(['echo']);
});
