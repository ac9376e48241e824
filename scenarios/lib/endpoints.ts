import type { Scenario } from 'k6/options';
import http from 'k6/http';

interface Endpoint {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

// R22: the four endpoints a smoke and every load go through.
const endpoints: readonly Endpoint[] = [
  { method: 'GET', path: '/api/pairs/supported' },
  { method: 'GET', path: '/api/sol/complete' },
  { method: 'GET', path: '/api/coinapi/health' },
  { method: 'POST', path: '/api/screener/screen', body: { pairs: ['SOL-USDT', 'BTC-USDT', 'ETH-USDT'] } },
];

const target = __ENV['SIAGA_TARGET_URL'] ?? 'http://127.0.0.1:3000';
const headers: Readonly<Record<string, string>> = JSON.parse(__ENV['SIAGA_HEADERS'] ?? '{}');
const timeout = __ENV['SIAGA_TIMEOUT'] ?? '2000ms';

// Our own rate limit is no failure of the system; Siaga counts it apart.
http.setResponseCallback(http.expectedStatuses({ min: 200, max: 399 }, 429));

/** How much a load offers where nobody says otherwise. */
export interface Offer {
  /** Iterations a second, over all endpoints. */
  readonly rate: number;
  readonly duration: string;
}

/**
 * A scenario for each endpoint, tagged with it, each with its share of the rate, evenly interleaved. There are
 * virtual users for the case that every request waits for its timeout.
 */
export function arrivals(offer: Offer): Record<string, Scenario> {
  const rate = Number(__ENV['SIAGA_RATE'] ?? offer.rate);
  const duration = __ENV['SIAGA_DURATION'] ?? offer.duration;
  const users = Math.ceil((rate / endpoints.length) * (Number.parseFloat(timeout) / 1_000)) + 2;
  const rows = endpoints.map((endpoint, index): [string, Scenario] => [
    endpoint.path.slice(1).replaceAll('/', '-'),
    {
      executor: 'constant-arrival-rate',
      rate,
      timeUnit: `${endpoints.length}s`,
      duration,
      startTime: `${Math.round((index * 1_000) / rate)}ms`,
      preAllocatedVUs: users,
      maxVUs: users,
      gracefulStop: '3s',
      env: { ENDPOINT: String(index) },
      tags: { endpoint: `${endpoint.method} ${endpoint.path}` },
    },
  ]);
  return Object.fromEntries(rows);
}

/** One request to the endpoint of the running scenario. */
export function request(): void {
  const endpoint = endpoints[Number(__ENV['ENDPOINT'])];
  if (endpoint === undefined) throw new Error(`no endpoint ${__ENV['ENDPOINT']}`);
  const { method, path, body } = endpoint;
  http.request(method, `${target}${path}`, body ? JSON.stringify(body) : null, {
    headers: { ...headers, accept: 'application/json', ...(body && { 'content-type': 'application/json' }) },
    timeout,
  });
}
