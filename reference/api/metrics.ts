import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

export type Dependency = 'coinapi' | 'okx' | 'postgres' | 'redis';
export type CallOutcome = 'ok' | 'error' | 'timeout' | 'rejected';

// Edges at every limit the runbooks name, so that a histogram can be judged against them exactly.
const httpBuckets = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.45, 0.5, 0.65, 0.8, 1, 1.5, 2, 3, 5, 10,
];
const callBuckets = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.05, 1.1, 1.25, 1.5, 2, 3, 5,
];
const queryBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.05, 1.1, 1.25, 1.5, 2, 3, 5];
const batchBuckets = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 90, 120];

export type Metrics = ReturnType<typeof createMetrics>;

/** All metrics of the API, in a registry of their own. */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    ...httpMetrics(registry),
    ...dependencyMetrics(registry),
    ...databaseMetrics(registry),
    ...marketMetrics(registry),
  };
}

function httpMetrics(registry: Registry) {
  const registers = [registry];
  return {
    httpRequests: new Counter({
      name: 'http_requests_total',
      help: 'Requests answered',
      labelNames: ['method', 'route', 'status'],
      registers,
    }),
    httpDuration: new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Time from receiving a request to having sent its answer',
      labelNames: ['method', 'route', 'status'],
      buckets: httpBuckets,
      registers,
    }),
    rateLimited: new Counter({
      name: 'rate_limited_total',
      help: 'Requests refused with 429, by client identity',
      labelNames: ['client'],
      registers,
    }),
    streamClients: new Gauge({ name: 'ws_clients', help: 'Clients on /ws/stream', registers }),
  };
}

function dependencyMetrics(registry: Registry) {
  const registers = [registry];
  return {
    dependencyRequests: new Counter({
      name: 'dependency_requests_total',
      help: 'Calls to a dependency; rejected ones were never sent',
      labelNames: ['dependency', 'outcome'],
      registers,
    }),
    dependencyDuration: new Histogram({
      name: 'dependency_request_duration_seconds',
      help: 'Duration of the calls that were really made to a dependency',
      labelNames: ['dependency'],
      buckets: callBuckets,
      registers,
    }),
    breakerState: new Gauge({
      name: 'circuit_breaker_state',
      help: '0 CLOSED, 1 HALF_OPEN, 2 OPEN',
      labelNames: ['name'],
      registers,
    }),
    breakerFailures: new Counter({
      name: 'circuit_breaker_failures_total',
      help: 'Failed calls that a breaker counted',
      labelNames: ['name'],
      registers,
    }),
    breakerTransitions: new Counter({
      name: 'circuit_breaker_transitions_total',
      help: 'Changes of state; from and to are closed, half_open or open',
      labelNames: ['name', 'from', 'to'],
      registers,
    }),
    redisUp: new Gauge({ name: 'redis_up', help: '1 while Redis answers', registers }),
    cacheRequests: new Counter({
      name: 'cache_requests_total',
      help: 'Reads from the cache',
      labelNames: ['result'],
      registers,
    }),
  };
}

function databaseMetrics(registry: Registry) {
  const registers = [registry];
  return {
    queryDuration: new Histogram({
      name: 'db_query_duration_seconds',
      help: 'Duration of a query on its connection, whether or not its reader still waited',
      buckets: queryBuckets,
      registers,
    }),
    slowQueries: new Counter({ name: 'db_slow_queries_total', help: 'Queries over 100 ms', registers }),
    databaseErrors: new Counter({
      name: 'db_errors_total',
      help: 'Failed queries and connections',
      registers,
    }),
    poolExhausted: new Counter({
      name: 'db_pool_exhausted_total',
      help: 'Reads that got no connection in time',
      registers,
    }),
    poolSize: new Gauge({
      name: 'db_connection_pool_size',
      help: 'Connections the pool may open',
      registers,
    }),
    poolInUse: new Gauge({ name: 'db_connection_pool_in_use', help: 'Connections in use', registers }),
    poolWaiting: new Gauge({ name: 'db_connection_pool_waiting', help: 'Reads waiting for one', registers }),
    databaseUp: new Gauge({ name: 'db_up', help: '1 while new connections succeed', registers }),
    connectionTime: new Gauge({
      name: 'db_connection_time_ms',
      help: 'How long the last new connection took to open, or to fail',
      registers,
    }),
  };
}

function marketMetrics(registry: Registry) {
  const registers = [registry];
  return {
    fallbackActive: new Gauge({
      name: 'fallback_active',
      help: '1 while data is not from CoinAPI',
      registers,
    }),
    streamConnected: new Gauge({
      name: 'market_stream_connected',
      help: '1 while the trade stream of a provider is open',
      labelNames: ['provider'],
      registers,
    }),
    streamMessages: new Counter({
      name: 'market_stream_messages_total',
      help: 'Trades received from a provider',
      labelNames: ['provider'],
      registers,
    }),
    tradesStored: new Counter({
      name: 'market_trades_stored_total',
      help: 'Streamed trades stored',
      registers,
    }),
    tradesDropped: new Counter({
      name: 'market_trades_dropped_total',
      help: 'Streamed trades given up because the database could not take them',
      registers,
    }),
    screenerDuration: new Histogram({
      name: 'screener_batch_duration_seconds',
      help: 'Duration of a screener batch',
      buckets: batchBuckets,
      registers,
    }),
  };
}
