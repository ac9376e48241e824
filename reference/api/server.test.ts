import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { createProvider } from '../provider/server.ts';
import { readConfig } from './config.ts';
import { createServer } from './server.ts';
import { createServices } from './services.ts';
import type { FastifyInstance } from 'fastify';
import type { Services } from './services.ts';

const logger = pino({ level: 'silent' });
const token = 'the-admin-token';
const nowhere = '127.0.0.1:1';

let coinapi: FastifyInstance;
let okx: FastifyInstance;
let services: Services;
let app: FastifyInstance;
let base: string;

/** The API with both providers, and without Postgres and Redis. */
beforeAll(async () => {
  coinapi = await createProvider('coinapi', logger);
  okx = await createProvider('okx', logger);
  const read = readConfig({
    DATABASE_URL: `postgres://siaga@${nowhere}/siaga`,
    REDIS_URL: `redis://${nowhere}`,
    COINAPI_URL: await coinapi.listen({ host: '127.0.0.1', port: 0 }),
    OKX_URL: await okx.listen({ host: '127.0.0.1', port: 0 }),
    REFERENCE_ADMIN_TOKEN: token,
    RATE_LIMIT_CLIENTS: 'tests=60000;w=60;burst=1000,two=60;w=60;burst=2',
    REFERENCE_SPEED: '60',
  });
  if (read.kind === 'invalid') throw new Error('the configuration is invalid');
  services = createServices(read.config, logger);
  app = await createServer(services, logger);
  base = await app.listen({ host: '127.0.0.1', port: 0 });
  services.start();
});

afterAll(async () => {
  await app.close();
  await services.stop();
  await Promise.all([coinapi.close(), okx.close()]);
});

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

async function ask(path: string, init: RequestInit = {}): Promise<Answer> {
  const headers = { 'x-client-id': 'tests', ...(init.headers as Record<string, string> | undefined) };
  const response = await fetch(new URL(path, base), { ...init, headers });
  const body = (await response.json()) as Record<string, unknown>;
  return { status: response.status, headers: response.headers, body };
}

function send(
  method: string,
  path: string,
  body: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return ask(path, { method, body, headers: { 'content-type': 'application/json', ...headers } });
}

function admin(method: string, path: string, body?: object): Promise<Answer> {
  const authorization = `Bearer ${token}`;
  return body === undefined
    ? ask(path, { method, headers: { authorization } })
    : send(method, path, JSON.stringify(body), { authorization });
}

describe('errors are JSON with a code and the id of the request', () => {
  it.each<[string, number, string, () => Promise<Answer>]>([
    ['an unknown address', 404, 'NOT_FOUND', () => ask('/api/nothing')],
    ['a body that is not JSON', 400, 'INVALID_REQUEST', () => send('POST', '/api/screener/screen', '{')],
    [
      'a filter that does not exist',
      400,
      'INVALID_REQUEST',
      () => send('POST', '/api/screener/screen', '{"minVolum":1}'),
    ],
    [
      'a text where a number belongs',
      400,
      'INVALID_REQUEST',
      () => send('POST', '/api/screener/screen', '{"minVolume":"1"}'),
    ],
    [
      'a body over 64 KiB',
      413,
      'BODY_TOO_LARGE',
      () => send('POST', '/api/screener/screen', `"${'x'.repeat(70_000)}"`),
    ],
    [
      'a form',
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      () => ask('/api/screener/screen', { method: 'POST', body: 'a=b' }),
    ],
    ['a broken address', 400, 'INVALID_REQUEST', () => ask('/api/%ff')],
    ['no store to read from', 503, 'STORE_UNAVAILABLE', () => ask('/api/pairs/supported')],
    ['plain HTTP where WebSocket is spoken', 426, 'UPGRADE_REQUIRED', () => ask('/ws/stream')],
    [
      'headers over 16 KiB',
      431,
      'HEADERS_TOO_LARGE',
      () => ask('/', { headers: { big: 'x'.repeat(20_000) } }),
    ],
    ['no admin token', 401, 'UNAUTHORIZED', () => ask('/admin/toggles')],
    [
      'a wrong admin token',
      401,
      'UNAUTHORIZED',
      () => ask('/admin/toggles', { headers: { authorization: `Bearer ${token}x` } }),
    ],
  ])('%s', async (_name, status, code, request) => {
    const answer = await request();
    expect(answer).toMatchObject({ status, body: { error: { code } } });
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(answer.body['requestId']).toBe(answer.headers.get('x-request-id'));
  });
});

describe('the admin token', () => {
  it.each<[string, number, (given: string) => string]>([
    ['is taken in the usual form', 200, (given) => `Bearer ${given}`],
    ['is taken with its scheme in any case', 200, (given) => `bEARER ${given}`],
    ['is taken after more than one space', 200, (given) => `Bearer  ${given}`],
    ['is not taken in another scheme', 401, (given) => `Basic ${given}`],
    ['is not taken alone', 401, (given) => given],
    ['is not taken in another case', 401, (given) => `Bearer ${given.toUpperCase()}`],
    ['is not taken when empty', 401, () => 'Bearer '],
  ])('%s', async (_name, status, header) => {
    const answer = await ask('/admin/toggles', { headers: { authorization: header(token) } });
    expect(answer.status).toBe(status);
  });
});

describe('the id of a request', () => {
  it.each([
    ['is kept where it is sane', 'trace-1.2:3', true],
    ['is replaced where it is not', 'two words', false],
    ['is replaced where it is long', 'x'.repeat(129), false],
  ])('%s', async (_name, given, kept) => {
    const answer = await ask('/health/live', { headers: { 'x-request-id': given } });
    expect(answer.headers.get('x-request-id') === given).toBe(kept);
    expect(answer.headers.get('x-request-id')).toMatch(/^[\w.:-]{8,}$/);
  });
});

describe('the rate limit', () => {
  const limited = { 'x-client-id': 'two' };

  it('is told in both families of headers, and refuses with the time to wait', async () => {
    const first = await ask('/api/coinapi/health', { headers: limited });
    expect(Object.fromEntries(first.headers)).toMatchObject({
      'ratelimit-policy': '60;w=60;burst=2',
      ratelimit: 'limit=60, remaining=1, reset=1',
      'ratelimit-limit': '60',
      'ratelimit-remaining': '1',
      'ratelimit-reset': '1',
    });
    await ask('/api/coinapi/health', { headers: limited });
    const refused = await ask('/api/nothing', { headers: limited });
    expect(refused).toMatchObject({ status: 429, body: { error: { code: 'RATE_LIMITED' } } });
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.headers.get('ratelimit-remaining')).toBe('0');
  });

  it('of an unknown name is that of everyone at its address', async () => {
    const answer = await ask('/api/coinapi/health', { headers: { 'x-client-id': 'somebody' } });
    expect(answer.headers.get('ratelimit-policy')).toBe('60;w=60;burst=10');
  });

  it('does not count health and metrics', async () => {
    const answer = await ask('/health/live', { headers: limited });
    expect([answer.status, answer.headers.get('ratelimit')]).toEqual([200, null]);
  });
});

describe('health', () => {
  it('is live, but not ready without Postgres and Redis, and says why', async () => {
    expect((await ask('/health/live')).status).toBe(200);
    expect(await ask('/health/ready')).toMatchObject({
      status: 503,
      body: {
        status: 'unready',
        reasons: ['Postgres is not reachable', 'Redis is not reachable', 'the caches are still being filled'],
      },
    });
  });
});

describe('the admin', () => {
  it('reads and sets toggles as texts', async () => {
    const before = await admin('GET', '/admin/toggles');
    const after = await admin('PATCH', '/admin/toggles', { SCREENER_TTL_SECONDS: '90' });
    expect(after.body).toEqual({ ...before.body, SCREENER_TTL_SECONDS: '90' });
    expect((await admin('GET', '/admin/toggles')).body).toEqual(after.body);
  });

  it('refuses a wrong value with what was got and what is allowed, and changes nothing', async () => {
    const before = await admin('GET', '/admin/toggles');
    const change = { FEATURE_DEGRADED_MODE: 'true', SCREENER_MAX_CONCURRENCY: '99' };
    expect(await admin('PATCH', '/admin/toggles', change)).toMatchObject({
      status: 400,
      body: {
        error: {
          code: 'INVALID_TOGGLE',
          problems: [{ name: 'SCREENER_MAX_CONCURRENCY', got: '99', allowed: 'a whole number from 2 to 8' }],
        },
      },
    });
    expect((await admin('GET', '/admin/toggles')).body).toEqual(before.body);
  });

  it('shows breakers, and knows no others', async () => {
    const { body } = await admin('GET', '/admin/breakers');
    expect(body['breakers']).toEqual([
      { name: 'coinapi', state: 'closed' },
      { name: 'okx', state: 'closed' },
    ]);
    expect(await admin('POST', '/admin/breakers/kraken/reset')).toMatchObject({ status: 404 });
    expect(await admin('POST', '/admin/breakers/okx/reset')).toMatchObject({ body: { state: 'closed' } });
  });
});

describe('the stream', () => {
  it('answers an echo with the time and the age of its data, and sends trades', async () => {
    const messages = await listen(['{"type":"echo","id":"e1"}', '<html>'], ['echo', 'error', 'trade']);
    expect(messages.get('echo')).toMatchObject({ id: 'e1', source: 'coinapi', degraded: false });
    expect(messages.get('error')).toMatchObject({ error: { code: 'INVALID_MESSAGE' } });
    expect(messages.get('trade')).toMatchObject({ source: 'coinapi', degraded: false });
  });
});

/** The first message of each wanted type. */
async function listen(sent: string[], wanted: string[]): Promise<Map<string, Record<string, unknown>>> {
  const socket = new WebSocket(new URL('/ws/stream', base.replace('http', 'ws')), {
    headers: { 'x-client-id': 'tests' },
  });
  const found = new Map<string, Record<string, unknown>>();
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as Record<string, unknown>;
    found.set(String(message['type']), message);
  });
  socket.on('open', () => sent.forEach((message) => socket.send(message)));
  await vi.waitFor(() => expect([...found.keys()].toSorted()).toEqual(wanted.toSorted()), 5_000);
  socket.terminate();
  return found;
}

describe('when CoinAPI is gone', () => {
  it('OKX serves with its own prices, marked degraded, and health says so', async () => {
    const { quote: usual } = await services.quotes.get('SOL-USDT');
    await coinapi.close();
    const { quote } = await vi.waitFor(async () => {
      const found = await services.quotes.get('SOL-USDT');
      expect([found.source, found.quote.provider]).toEqual(['okx', 'okx']);
      return found;
    }, 2_000);
    expect(quote.ticker.price / usual.ticker.price).toBeGreaterThan(1.004);
    await vi.waitFor(async () => {
      expect((await ask('/api/coinapi/health')).body).toMatchObject({
        status: 'down',
        fallback: { active: true, provider: 'okx' },
        source: 'okx',
        degraded: true,
      });
    }, 5_000);
  });

  it('nobody serves where the automatic fallback is off', async () => {
    await admin('PATCH', '/admin/toggles', { FALLBACK_ENABLED: 'false' });
    expect(await ask('/api/sol/complete')).toMatchObject({
      status: 503,
      body: { error: { code: 'PROVIDER_UNAVAILABLE' } },
    });
    expect((await ask('/api/coinapi/health')).body).toMatchObject({
      status: 'down',
      fallback: { active: false },
    });
  });

  it('an operator can still choose the fallback', async () => {
    await admin('PATCH', '/admin/toggles', { FEATURE_COINAPI_ENABLED: 'false' });
    expect((await ask('/api/coinapi/health')).body).toMatchObject({
      status: 'disabled',
      fallback: { active: true, provider: 'okx' },
    });
  });
});
