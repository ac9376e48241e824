import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { createHttpProbe } from '../src/adapter/http.ts';
import { systemClock, systemRandom } from '../src/adapter/system.ts';
import { createSocketProbe } from '../src/adapter/websocket.ts';
import type { CheckFinished } from '../src/event/catalogue.ts';
import type { Draft, SiagaEvent } from '../src/event/envelope.ts';
import { runRound } from '../src/sampling/observe.ts';
import { freshness } from './freshness.ts';
import { live, ready } from './health.ts';
import { pairsSupported } from './pairs.ts';
import { providerDirect } from './provider-direct.ts';
import { coinapiHealth } from './provider-health.ts';
import { screener } from './screener.ts';
import { solComplete } from './sol-complete.ts';
import { stream } from './stream.ts';

const core = [pairsSupported, solComplete, coinapiHealth, screener, stream, freshness];
const all = [...core, live, ready, providerDirect];

type Fields = Record<string, unknown>;

/** What a route answers; a test changes one thing of it. */
interface Route {
  status: number;
  type: string;
  headers: Record<string, string>;
  body: Fields | string;
  delayMs: number;
}

function data(): Fields {
  const serverTime = Date.now();
  return { degraded: false, source: 'coinapi', asOf: serverTime - 300, serverTime };
}

const limits = { ratelimit: '"p";r=9;t=1', 'ratelimit-policy': '"p";q=60;w=60' };
const levels = { bids: [{ price: 19, size: 1 }], asks: [{ price: 20, size: 2 }] };

const routed = (body: Fields | string, over: Partial<Route> = {}): Route => ({
  status: 200,
  type: 'application/json; charset=utf-8',
  headers: limits,
  body,
  delayMs: 0,
  ...over,
});

function wellRoutes() {
  return {
    pairs: routed({ ...data(), pairs: [{ pair: 'SOL-USDT' }] }),
    sol: routed({ ...data(), price: 19.5, smc: { trend: 'bullish' }, cvd: { value: 1 }, orderBook: levels }),
    provider: routed({
      ...data(),
      status: 'up',
      latency_ms: 12,
      fallback: { active: false, provider: 'okx' },
    }),
    screener: routed({ ...data(), results: [{ pair: 'SOL-USDT', price: 1 }], screened: 12 }),
    live: routed({ status: 'live' }),
    ready: routed({ status: 'ready' }),
    ticker: routed({ price: 19.5 }),
    echo: routed({ ...data(), type: 'echo' }),
  };
}

type Routes = ReturnType<typeof wellRoutes>;

const paths: Record<string, keyof Routes> = {
  'GET /api/pairs/supported': 'pairs',
  'GET /api/sol/complete': 'sol',
  'GET /api/coinapi/health': 'provider',
  'POST /api/screener/screen': 'screener',
  'GET /health/live': 'live',
  'GET /health/ready': 'ready',
  'GET /v1/ticker/SOL-USDT': 'ticker',
};

let routes = wellRoutes();
let url = '';
const [probe, socket] = [createHttpProbe(), createSocketProbe()];
const server = http.createServer((request, response) => {
  const route = routes[paths[`${request.method} ${request.url}`] ?? 'pairs'];
  const text = typeof route.body === 'string' ? route.body : JSON.stringify(route.body);
  setTimeout(
    () => response.writeHead(route.status, { 'content-type': route.type, ...route.headers }).end(text),
    route.delayMs,
  );
});
const sockets = new WebSocketServer({ server, path: '/ws/stream' });
sockets.on('connection', (client) => {
  client.on('message', (message) => {
    const { id } = JSON.parse(String(message)) as { id: string };
    const { body, delayMs } = routes.echo;
    setTimeout(() => client.send(JSON.stringify({ ...(body as Fields), id })), delayMs);
  });
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  routes = wellRoutes();
});
afterAll(() => {
  probe.close();
  socket.close();
  for (const client of sockets.clients) client.terminate();
  server.close();
});

async function round() {
  const drafts: Draft[] = [];
  const results = await runRound(all, {
    journal: { append: (draft) => ({ ...draft, seq: drafts.push(draft) }) as SiagaEvent },
    clock: systemClock,
    random: systemRandom,
    http: probe,
    socket,
    target: { name: 'demo', url, resolveDirect: () => url, resolveThrough: () => url },
    bucketMs: 60_000,
    signal: new AbortController().signal,
    secrets: [],
  });
  const samples = drafts.flatMap((draft) => (draft.type === 'samples' ? [draft.data] : []));
  const of = (signal: string) =>
    samples.filter((batch) => batch.signal === signal).map((batch) => batch.data);
  return { results, of };
}

const broken = (results: readonly CheckFinished[]) =>
  results.flatMap(({ check, violations }) => violations.map(({ path }) => `${check}: ${path}`));
const statesOf = (results: readonly CheckFinished[]) =>
  Object.assign({}, ...results.map(({ states }) => states)) as Fields;

const change = (route: keyof Routes, over: Fields): void => {
  Object.assign(routes[route].body, over);
};

test('a system that is well passes all, feeds its signals and tells its states', async () => {
  const { results, of } = await round();
  expect(results.map(({ outcome }) => outcome)).toEqual(all.map(() => 'passed'));
  expect(statesOf(results)).toEqual({
    degraded: false,
    source: 'coinapi',
    price: 19.5,
    fallback: false,
    provider: 'up',
    'provider-direct': true,
  });
  expect(of('freshness').flatMap((each) => (each.kind === 'values' ? each.values : []))).toEqual([300, 300]);
  expect(of('provider.health')).toEqual([{ kind: 'ratio', total: 1, bad: 0, throttled: 0 }]);
  expect(of('provider.latency')).toEqual([{ kind: 'values', values: [12] }]);
  expect(of('screener.batch')).toHaveLength(1);
  expect(of('ws.roundtrip')).toHaveLength(1);
});

test('the six core checks are the ones that decide recovery (R23)', () => {
  expect(all.filter(({ tags }) => tags.includes('core')).map(({ name }) => name)).toEqual(
    core.map(({ name }) => name),
  );
  expect(core).toHaveLength(6);
});

describe('a system with one thing wrong fails exactly the check that is about it (R22)', () => {
  test.each<[string, () => void, string[]]>([
    [
      'RateLimit headers stripped',
      () => {
        routes.pairs.headers = {};
      },
      ['pairs-supported: headers.ratelimit'],
    ],
    [
      'orderBook missing',
      () => {
        delete (routes.sol.body as Fields)['orderBook'];
      },
      ['sol-complete: body.orderBook'],
    ],
    [
      'smc missing',
      () => {
        delete (routes.sol.body as Fields)['smc'];
      },
      ['sol-complete: body.smc'],
    ],
    [
      'cvd missing',
      () => {
        delete (routes.sol.body as Fields)['cvd'];
      },
      ['sol-complete: body.cvd'],
    ],
    ['an empty smc', () => change('sol', { smc: {} }), ['sol-complete: body.smc']],
    ['an empty cvd', () => change('sol', { cvd: {} }), ['sol-complete: body.cvd']],
    ['a cvd that is null', () => change('sol', { cvd: null }), ['sol-complete: body.cvd']],
    ['a negative bid', () => change('sol', { bid: -1 }), ['sol-complete: body.bid']],
    ['a bid above the ask', () => change('sol', { bid: 20, ask: 19 }), ['sol-complete: body.bid']],
    [
      'RateLimit headers that hold nothing',
      () => {
        routes.pairs.headers = { ...limits, ratelimit: 'banana' };
      },
      ['pairs-supported: headers.ratelimit'],
    ],
    [
      'asOf a minute ahead of the server itself',
      () => change('sol', { asOf: Date.now() + 60_000 }),
      ['freshness: body.asOf'],
    ],
    [
      'an extreme latency of the provider and no fallback',
      () => change('provider', { latency_ms: 651 }),
      ['provider-health: body.latency_ms'],
    ],
    ['degraded never set', () => change('sol', { source: 'okx' }), ['sol-complete: body.degraded']],
    [
      'a crossed order book',
      () => change('sol', { orderBook: { bids: levels.asks, asks: levels.bids } }),
      ['sol-complete: body.orderBook.bids[0].price'],
    ],
    ['asOf six seconds old', () => change('sol', { asOf: Date.now() - 6_000 }), ['freshness: body.asOf']],
    [
      'the screener answering HTML with 200',
      () => Object.assign(routes.screener, { body: '<!doctype html><p>oops', type: 'text/html' }),
      ['screener: content-type', 'screener: body'],
    ],
    [
      'the screener answering 500',
      () => {
        routes.screener.status = 500;
      },
      ['screener: status'],
    ],
    [
      'an echo 400 ms late',
      () => {
        routes.echo.delayMs = 400;
      },
      ['stream: durationMs'],
    ],
    [
      'the provider down and no fallback',
      () => change('provider', { status: 'down', latency_ms: null }),
      ['provider-health: body.status'],
    ],
    [
      'the provider down and a slow fallback',
      () => {
        change('provider', { status: 'down', fallback: { active: true, provider: 'okx' } });
        routes.provider.delayMs = 500;
      },
      ['provider-health: durationMs'],
    ],
    [
      'not ready',
      () => {
        routes.ready.status = 503;
      },
      ['health-ready: status'],
    ],
    [
      'the provider itself answering 500',
      () => {
        routes.ticker.status = 500;
      },
      ['provider-direct: status'],
    ],
  ])('%s', async (_name, sabotage, expected) => {
    sabotage();
    expect(broken((await round()).results)).toEqual(expected);
  });
});

describe('a system on its fallback that says so passes', () => {
  test('and its states tell the fallback', async () => {
    change('sol', { source: 'okx', degraded: true });
    change('provider', { status: 'down', latency_ms: null, fallback: { active: true, provider: 'okx' } });
    const { results, of } = await round();
    expect(broken(results)).toEqual([]);
    expect(statesOf(results)).toMatchObject({
      fallback: true,
      degraded: true,
      source: 'okx',
      provider: 'down',
    });
    expect(of('provider.health')).toEqual([{ kind: 'ratio', total: 1, bad: 1, throttled: 0 }]);
    expect(of('provider.latency')).toEqual([]);
  });

  test('with the older RateLimit headers too', async () => {
    routes.pairs.headers = { 'ratelimit-limit': '60', 'ratelimit-remaining': '59', 'ratelimit-reset': '1' };
    expect(broken((await round()).results)).toEqual([]);
  });

  test('a provider switched off is neither well nor ill', async () => {
    change('provider', { status: 'disabled', fallback: { active: true, provider: 'okx' } });
    const { results, of } = await round();
    expect(broken(results)).toEqual([]);
    expect(of('provider.health')).toEqual([]);
  });
});

test('a provider that does not answer is told as not back', async () => {
  routes.ticker.status = 503;
  expect(statesOf((await round()).results)['provider-direct']).toBe(false);
});
