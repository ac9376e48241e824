import type { CheckFinished } from '../../event/catalogue.ts';
import type { Draft } from '../../event/envelope.ts';
import type { SampleBatch } from '../../event/samples.ts';

/** What the system under test looks like in one second. */
export interface Weather {
  readonly p95: number;
  /** Share of failed requests, 0…1. */
  readonly errors: number;
  readonly ws: number;
  readonly freshness: number;
  readonly providerUp: boolean;
  readonly fallback: boolean;
  readonly dbP99: number;
  readonly breaker: 0 | 1 | 2;
  readonly abnormal: readonly string[];
}

export const clear: Weather = {
  p95: 120,
  errors: 0,
  ws: 40,
  freshness: 450,
  providerUp: true,
  fallback: false,
  dbP99: 18,
  breaker: 0,
  abnormal: [],
};

const endpoints = [
  'GET /api/pairs/supported',
  'GET /api/sol/complete',
  'GET /api/coinapi/health',
  'POST /api/screener/screen',
];

/** A small generator, so that every run of the builder gives the same numbers (mulberry32). */
export function randomness(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The samples that a second of load, probes and scraping writes. */
export function samplesOf(weather: Weather, from: number, random: () => number): readonly Draft[] {
  const batch = (part: Omit<SampleBatch, 'from' | 'to'>): Draft => ({
    type: 'samples',
    data: { ...part, from, to: from + 1_000 },
  });
  const around = (value: number): number => Math.round(value * (0.55 + random() * 0.45) * 100) / 100;
  const values = (count: number, value: number) => ({
    kind: 'values' as const,
    values: Array.from({ length: count }, () => around(value)),
  });
  const load = endpoints.flatMap((endpoint) => {
    const bad = Math.round(13 * weather.errors);
    const labels = { endpoint };
    return [
      batch({ signal: 'rest.latency', source: 'load', labels, data: values(13, weather.p95) }),
      batch({
        signal: 'rest.errors',
        source: 'load',
        labels,
        data: { kind: 'ratio', total: 13, bad, throttled: 0 },
      }),
      batch({
        signal: 'rest.5xx',
        source: 'load',
        labels,
        data: { kind: 'ratio', total: 13, bad, throttled: 0 },
      }),
    ];
  });
  const down = weather.providerUp ? 0 : 4;
  return [
    ...load,
    batch({ signal: 'ws.roundtrip', source: 'probe', labels: {}, data: values(13, weather.ws) }),
    batch({ signal: 'freshness', source: 'probe', labels: {}, data: values(13, weather.freshness) }),
    batch({
      signal: 'provider.health',
      source: 'probe',
      labels: {},
      data: { kind: 'ratio', total: 4, bad: down, throttled: 0 },
    }),
    batch({
      signal: 'breaker.state',
      source: 'server',
      labels: { name: 'coinapi' },
      data: { kind: 'values', values: [weather.breaker] },
    }),
    batch({ signal: 'db.latency', source: 'server', labels: {}, data: histogram(weather.dbP99) }),
    batch({
      signal: 'db.slow-queries',
      source: 'server',
      labels: {},
      data: { kind: 'counter', increase: weather.dbP99 > 100 ? 26 : 0 },
    }),
  ];
}

function histogram(p99: number) {
  const le = [5, 10, 25, 50, 100, 250, 500, 750, 1_000, 1_050, 1_100, 1_250, null];
  const slot = le.findIndex((bound) => bound === null || bound >= p99);
  return { kind: 'histogram' as const, le, counts: le.map((_, index) => (index === slot ? 24 : 0)) };
}

/** The checks of a second. */
export function checksOf(weather: Weather, at: number): readonly Draft[] {
  const failing = weather.errors > 0.2;
  return [
    check('pairs-supported', 'GET /api/pairs/supported', true, {}),
    check(
      'sol-complete',
      'GET /api/sol/complete',
      !failing,
      {
        degraded: weather.fallback,
        source: weather.fallback ? 'okx' : 'coinapi',
      },
      `req-${at.toString(36)}`,
    ),
    check('provider-health', 'GET /api/coinapi/health', true, { fallback: weather.fallback }),
    check('screener', 'POST /api/screener/screen', true, {}),
    check('stream', 'WS /ws/stream', true, {}),
    check('freshness', 'WS /ws/stream', true, {}),
    check('provider-direct', undefined, weather.providerUp, { 'provider-direct': weather.providerUp }),
  ];
}

export const coreChecks = [
  'pairs-supported',
  'sol-complete',
  'provider-health',
  'screener',
  'stream',
  'freshness',
];

function check(
  name: string,
  endpoint: string | undefined,
  passed: boolean,
  states: CheckFinished['states'],
  requestId?: string,
): Draft {
  const violation = { path: 'status', rule: 'status is 200', got: '503', allowed: '200' };
  return {
    type: 'check.finished',
    data: {
      check: name,
      title: name,
      tags: coreChecks.includes(name) ? ['core', 'contract'] : [],
      ...(endpoint && { endpoint }),
      outcome: passed ? 'passed' : 'failed',
      violations: passed ? [] : [violation],
      durationMs: 21,
      status: passed ? 200 : 503,
      ...(requestId && { requestId }),
      latenessMs: 1,
      loopLagMs: 0.4,
      lane: name,
      states,
    },
  };
}

export function togglesRead(weather: Weather): Draft {
  const value = (name: string, normal: string, odd: string): [string, string] => [
    name,
    weather.abnormal.includes(name) ? odd : normal,
  ];
  const values = Object.fromEntries([
    value('FEATURE_COINAPI_ENABLED', 'true', 'false'),
    value('FALLBACK_PROVIDER', 'okx', 'okx'),
    value('FEATURE_DEGRADED_MODE', 'false', 'true'),
    value('SCREENER_MAX_CONCURRENCY', '4', '2'),
  ]);
  const normal: Readonly<Record<string, string>> = {
    FEATURE_COINAPI_ENABLED: 'true',
    FEATURE_DEGRADED_MODE: 'false',
    SCREENER_MAX_CONCURRENCY: '4',
  };
  return {
    type: 'toggle.read',
    data: {
      values,
      abnormal: weather.abnormal.map((name) => ({
        name,
        got: values[name] ?? '',
        normal: normal[name] ?? '',
      })),
      ok: true,
    },
  };
}
