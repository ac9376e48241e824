import type { Runbook } from './src/runbook/types.ts';

// Each number of the runbook stands here once. Where two places need it, they share a constant.
const slow = '650ms';
const fast = '450ms';
const stale = '5s';
const batchLimit = '90s';

const signals = {
  'rest.latency': {
    title: 'REST p95',
    says: { id: 'Permintaan REST lambat', en: 'REST requests are slow' },
    requirements: ['R1', 'R25'],
    source: 'load',
    trigger: { when: `p95 > ${slow}`, for: '5m' },
    recovered: `p95 < ${fast}`,
    severity: 'SEV-2',
  },
  'rest.errors': {
    title: 'REST error rate',
    says: { id: 'Permintaan REST gagal', en: 'REST requests fail' },
    requirements: ['R3', 'R25'],
    source: 'load',
    trigger: { when: 'rate > 2%', for: '5m' },
    recovered: 'rate < 1%',
    severity: 'SEV-2',
  },
  'rest.5xx': {
    title: 'REST 5xx rate',
    says: { id: 'Server menjawab galat 5xx', en: 'The server answers with 5xx errors' },
    requirements: ['R6'],
    source: 'load',
    trigger: { when: 'rate > 1%', for: '5m' },
    severity: 'SEV-1',
  },
  'ws.roundtrip': {
    title: 'WebSocket round-trip p95',
    says: { id: 'WebSocket lambat', en: 'The WebSocket is slow' },
    requirements: ['R2', 'R25'],
    source: 'probe',
    trigger: { when: 'p95 > 350ms', for: '5m' },
    recovered: 'p95 < 250ms',
    severity: 'SEV-2',
  },
  freshness: {
    title: 'Data freshness',
    says: { id: 'Data basi', en: 'The data is stale' },
    requirements: ['R4', 'R25'],
    source: 'probe',
    trigger: { when: `p95 > ${stale}`, for: '1m' },
    recovered: 'p95 < 3s',
    severity: 'SEV-2',
  },
  'screener.batch': {
    title: 'Screener batch time',
    says: { id: 'Screener lambat', en: 'The screener is slow' },
    requirements: ['R4', 'R31'],
    source: 'probe',
    trigger: { when: `max > ${batchLimit}`, for: '1m' },
    severity: 'SEV-2',
  },
  'provider.health': {
    title: 'CoinAPI says down',
    says: { id: 'CoinAPI tidak terjangkau', en: 'CoinAPI is unreachable' },
    requirements: ['R5', 'R30'],
    source: 'probe',
    trigger: { when: 'rate > 50%', for: '1m' },
    severity: 'SEV-2',
    minSamples: 2,
    inhibits: ['freshness', 'breaker.state'],
  },
  'provider.latency': {
    title: 'CoinAPI latency',
    says: { id: 'CoinAPI lambat', en: 'CoinAPI is slow' },
    requirements: ['R5'],
    source: 'probe',
    trigger: { when: `p95 > ${slow}`, for: '5m' },
    severity: 'SEV-2',
    minSamples: 2,
  },
  'breaker.state': {
    title: 'Circuit breaker open (2)',
    says: {
      id: 'CoinAPI tidak dipanggil: pemutus sirkuit terbuka',
      en: 'CoinAPI is not called: circuit breaker open',
    },
    requirements: ['R8', 'R38'],
    source: { metric: 'circuit_breaker_state', type: 'gauge' },
    trigger: { when: 'max >= 2', for: '1m' },
    severity: 'SEV-2',
  },
  'db.latency': {
    title: 'Database p99',
    says: { id: 'Database lambat', en: 'The database is slow' },
    requirements: ['R9', 'R39'],
    source: { metric: 'db_query_duration_seconds', type: 'histogram', unit: 'seconds' },
    trigger: { when: 'p99 > 500ms', for: '1m' },
    severity: 'SEV-2',
  },
  // The runbook's log line names a query over 100 ms; one is no incident, a tenth of them is.
  'db.slow-queries': {
    title: 'Slow queries (a tenth over 100 ms)',
    says: { id: 'Banyak kueri database lambat', en: 'Many database queries are slow' },
    requirements: ['R9', 'R39'],
    source: { metric: 'db_query_duration_seconds', type: 'histogram', unit: 'seconds' },
    trigger: { when: 'p90 > 100ms', for: '1m' },
    severity: 'SEV-2',
  },
  'db.up': {
    title: 'Database reachable',
    says: { id: 'Database tidak terjangkau', en: 'The database is unreachable' },
    requirements: ['R11', 'R41'],
    source: { metric: 'db_up', type: 'gauge' },
    trigger: { when: 'max < 1', for: '1m' },
    severity: 'SEV-0',
    inhibits: ['db.latency', 'db.slow-queries'],
  },
  'redis.up': {
    title: 'Cache reachable',
    says: { id: 'Cache tidak terjangkau', en: 'The cache is unreachable' },
    requirements: ['R15', 'R45'],
    source: { metric: 'redis_up', type: 'gauge' },
    trigger: { when: 'max < 1', for: '1m' },
    severity: 'SEV-1',
  },
} as const satisfies Runbook['signals'];

/** The crypto-market API's incident runbook as data. k6 and Node both load this file, so it imports types only. */
export default {
  name: 'crypto-market-api',
  zone: 'Asia/Jakarta',
  languages: ['id', 'en'],

  signals,
  roles: {
    latency: 'rest.latency',
    errors: 'rest.errors',
    serverErrors: 'rest.5xx',
    roundTrip: 'ws.roundtrip',
    down: [{ signal: 'db.up', when: 'last == 0' }],
    degraded: { state: 'degraded', is: true },
    breaker: {
      label: 'name',
      state: { metric: 'circuit_breaker_state', values: { closed: 0, 'half-open': 1, open: 2 } },
      transitions: { metric: 'circuit_breaker_transitions_total', to: 'to' },
    },
  },

  hardDown: { times: 2, apart: '15s', severity: 'SEV-0' },

  recovery: {
    for: '10m',
    restoreAfter: '5m',
    wholeHold: { signal: 'rest.errors', good: 'rate < 1%', minRequests: 100 },
    maxUnknownInRow: 2,
    fallbackState: 'fallback',
    providerState: 'provider-direct',
    checks: 'core',
    deadline: '40m',
    reopenWithin: '30m',
    // A quarter of the time in which a SEV-2 is to be resolved: who still needs the fallback then is in no hurry.
    stable: { after: '2h', reviewAfter: '24h', owner: 'owner' },
  },
  flapping: { transitions: 3, within: '60m', maxHold: '40m', digestEvery: '15m' },
  blindAfter: '3m',

  toggles: {
    FEATURE_COINAPI_ENABLED: {
      purpose: 'Kill switch of the provider',
      normal: 'true',
      incident: 'false',
      helps: ['provider.health', 'provider.latency', 'breaker.state'],
      allowed: ['true', 'false'],
    },
    FALLBACK_PROVIDER: {
      purpose: 'Source of data while the provider is off',
      normal: 'okx',
      incident: 'okx',
      allowed: ['okx', 'cache'],
    },
    FEATURE_DEGRADED_MODE: {
      purpose: 'Marks every answer degraded',
      normal: 'false',
      incident: 'true',
      helps: ['provider.health', 'breaker.state', 'freshness'],
      allowed: ['true', 'false'],
    },
    SCREENER_MAX_CONCURRENCY: {
      purpose: 'Load of the screener',
      normal: '4',
      incident: '2',
      helps: ['provider.health', 'screener.batch', 'rest.latency', 'db.latency', 'db.slow-queries'],
      allowed: { min: 2, max: 8 },
    },
    SCREENER_TTL_SECONDS: {
      purpose: 'Time limit of a screener batch',
      normal: '60',
      incident: '90',
      helps: ['screener.batch'],
      limits: { signals: ['screener.batch'], unit: 's' },
      allowed: { min: 60, max: 120 },
    },
    RATE_LIMIT_POLICY: {
      purpose: 'Protection against a surge of traffic',
      rateLimit: true,
      normal: '60;w=60;burst=10',
      incident: '60;w=60;burst=10',
      allowed: { like: '<requests>;w=<seconds>;burst=<requests>' },
    },
    FALLBACK_ENABLED: {
      purpose: 'Automatic fallback',
      normal: 'true',
      allowed: ['true', 'false'],
    },
  },

  limits: {
    /** Longest answer of a contract check. */
    answer: slow,
    /** "Fast" for the provider's health endpoint while on fallback. */
    fast,
    /** `latency_ms` beyond this is extreme. */
    extreme: slow,
    /** Data older than this is stale. */
    stale,
    /** Longest WebSocket round trip of a contract check. */
    roundTrip: '350ms',
    screenerBatch: batchLimit,
    /** Highest share of errors a load may see. */
    loadErrors: '2%',
  },

  severities: {
    'SEV-0': {
      means: 'complete outage, or more than $10K an hour',
      respondWithin: '5m',
      resolveWithin: '1h',
      aliases: ['P0', 'high'],
    },
    'SEV-1': {
      means: 'a major feature is down, or more than $1K an hour',
      respondWithin: '15m',
      resolveWithin: '4h',
      aliases: ['P1', 'high'],
    },
    'SEV-2': {
      means: 'partial degradation, a quarter of the users or more',
      respondWithin: '30m',
      resolveWithin: '8h',
      aliases: ['P2', 'medium'],
    },
    'SEV-3': {
      means: 'minor, under a quarter of the users',
      respondWithin: '2h',
      resolveWithin: '24h',
      aliases: ['P3', 'low'],
    },
    'SEV-4': { means: 'cosmetic', respondWithin: '24h', resolveWithin: '72h', aliases: ['low'] },
  },

  contacts: [
    { role: 'owner', name: 'Incident Owner', reach: 'telegram' },
    { role: 'ops', name: 'Ops', reach: 'telegram' },
    { role: 'comms', name: 'Comms', reach: 'telegram' },
  ],
  documents: { draft: '10m', report: '24h', review: '48h' },
} as const satisfies Runbook<keyof typeof signals>;
