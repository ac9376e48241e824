import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { RunFacts } from './conclude.ts';
import { type Answer, defineCheck, type HttpCheck } from './definition.ts';
import { evaluateHttp } from './evaluate-http.ts';
import type { SampleType } from './feed.ts';
import type { Answered, HttpExchange, Measured } from './ports.ts';
import { redactor } from './text.ts';

const Quote = z.object({
  price: z.number(),
  source: z.enum(['coinapi', 'okx', 'cache']),
  degraded: z.boolean(),
  asOf: z.number(),
  serverTime: z.number(),
  book: z.object({ bids: z.array(z.tuple([z.number(), z.number()])) }),
});

const check = defineCheck({
  name: 'quote',
  tags: ['core'],
  every: '1s',
  request: { path: '/api/quote?key=hunter2', timeout: '2s' },
  response: {
    status: 200,
    contentType: 'application/json',
    headers: {
      anyOf: [
        ['RateLimit', 'RateLimit-Policy'],
        ['RateLimit-Limit', 'RateLimit-Remaining'],
      ],
    },
    body: Quote,
    within: '650ms',
  },
  invariants: {
    'what is not from CoinAPI is marked degraded': ({ body }) =>
      body.degraded === (body.source !== 'coinapi'),
    'data is fresh': ({ body }) =>
      body.serverTime - body.asOf <= 5_000 || `${body.serverTime - body.asOf} ms old`,
  },
  samples: { freshness: ({ body }) => body.serverTime - body.asOf, healthy: ({ body }) => !body.degraded },
  states: { fallback: ({ body }) => body.source !== 'coinapi' },
  unanswered: { samples: { healthy: false }, states: { reachable: false } },
}) as HttpCheck;

const good = {
  price: 20,
  source: 'coinapi',
  degraded: false,
  asOf: 1_000,
  serverTime: 1_400,
  book: { bids: [[19, 1]] },
};

const run: RunFacts = {
  lane: 'reference · quote',
  latenessMs: 0,
  requestId: 'sent-1',
  redact: redactor(['hunter2']),
};

const measured: Measured = { durationMs: 40, phases: { processing: 38, transfer: 2 }, loopLagMs: 1 };

function answer(over: Partial<Answered & Measured> & { json?: unknown; text?: string } = {}): HttpExchange {
  const { json = good, text = JSON.stringify(json), ...rest } = over;
  return {
    ...measured,
    kind: 'answered',
    status: 200,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      ratelimit: '"a";r=9',
      'ratelimit-policy': '"a";q=10',
    },
    body: new TextEncoder().encode(text),
    sha256: 'ab'.repeat(32),
    cut: false,
    ...rest,
  };
}

const broken = (code: string, over: object = {}): HttpExchange => ({
  ...measured,
  kind: 'broken',
  code,
  message: `connect ${code}`,
  waitingFor: 'connect',
  received: 0,
  ...over,
});

const headers = (over: Record<string, string>) => ({ 'content-type': 'application/json', ...over });
const { book: _, ...withoutBook } = good;

describe('a good answer', () => {
  test('passes, feeds latency, errors and its samples, and tells its states', async () => {
    const { finished, feeds } = await evaluateHttp(check, answer(), run);
    expect(finished).toMatchObject({
      outcome: 'passed',
      violations: [],
      endpoint: 'GET /api/quote',
      status: 200,
      requestId: 'sent-1',
      bodyHash: 'abababababababab',
      states: { fallback: false },
      phases: { processing: 38 },
    });
    expect(feeds).toEqual([
      { role: 'latency', kind: 'value', value: 40 },
      { role: 'errors', kind: 'ratio', bad: false },
      { role: 'serverErrors', kind: 'ratio', bad: false },
      { signal: 'freshness', kind: 'value', value: 400 },
      { signal: 'healthy', kind: 'ratio', bad: false },
    ]);
  });

  test.each<[string, HttpExchange, string]>([
    [
      'the header',
      answer({
        headers: headers({ 'x-request-id': 'h-1', ratelimit: '1', 'ratelimit-policy': '1' }),
        json: { ...good, requestId: 'b-1' },
      }),
      'h-1',
    ],
    ['the body', answer({ json: { ...good, requestId: 'b-1' } }), 'b-1'],
    ['what was sent', answer(), 'sent-1'],
    ['the body of an error', answer({ status: 503, json: { error: {}, requestId: 'b-2' } }), 'b-2'],
  ])('its request id (R23) comes from %s', async (_name, exchange, id) => {
    expect((await evaluateHttp(check, exchange, run)).finished.requestId).toBe(id);
  });

  test.each<[string, HttpExchange, string | undefined]>([
    ['was refused', broken('ECONNREFUSED'), undefined],
    ['found no address', broken('ENOTFOUND', { waitingFor: 'dns' }), undefined],
    ['found no trust', broken('DEPTH_ZERO_SELF_SIGNED_CERT', { waitingFor: 'tls' }), undefined],
    ['hung while connecting', { ...measured, kind: 'timed-out', waitingFor: 'connect' }, undefined],
    ['was reset', broken('ECONNRESET', { waitingFor: 'processing' }), 'sent-1'],
    ['timed out', { ...measured, kind: 'timed-out', waitingFor: 'processing' }, 'sent-1'],
  ])('row 26: a request that %s tells an id only where it was sent', async (_name, exchange, id) => {
    expect((await evaluateHttp(check, exchange, run)).finished.requestId).toBe(id);
  });

  test('row 26: one that went to a dependency instead of the target says to which', async () => {
    const past = { ...check, request: { ...check.request, direct: 'feed' } };
    expect((await evaluateHttp(past, answer(), run)).finished.dependency).toBe('feed');
    expect((await evaluateHttp(check, answer(), run)).finished).not.toHaveProperty('dependency');
  });

  test('keeps only allowlisted headers', async () => {
    const told = {
      'set-cookie': 'a=1',
      server: 'x',
      date: 'today',
      'retry-after': '1',
      'ratelimit-limit': '9',
      'ratelimit-remaining': '8',
    };
    const { finished } = await evaluateHttp(check, answer({ headers: headers(told) }), run);
    expect(Object.keys(finished.headers ?? {}).toSorted()).toEqual([
      'content-type',
      'date',
      'ratelimit-limit',
      'ratelimit-remaining',
      'retry-after',
    ]);
  });

  test('keeps its body only where the check says so, at most 4 KiB', async () => {
    const long = { ...good, note: 'é'.repeat(5_000) };
    const kept = await evaluateHttp({ ...check, keepBody: true }, answer({ json: long }), run);
    expect(new TextEncoder().encode(kept.finished.body).length).toBeLessThanOrEqual(4_096);
    expect((await evaluateHttp(check, answer({ json: long }), run)).finished.body).toBeUndefined();
  });
});

describe('a bad answer fails, and says where, what was got and what is allowed', () => {
  test.each<[string, HttpExchange, string, string | RegExp, string | RegExp]>([
    ['another status', answer({ status: 503 }), 'status', '503', '200'],
    [
      'a redirect',
      answer({ status: 302, headers: { location: '/login?next=secret' } }),
      'status',
      '302, redirected to /login',
      '200',
    ],
    [
      'another content type',
      answer({ headers: headers({ 'content-type': 'text/plain', ratelimit: '1', 'ratelimit-policy': '1' }) }),
      'content-type',
      'text/plain',
      'application/json',
    ],
    ['HTML with status 200', answer({ text: '<!DOCTYPE html><html>' }), 'body', 'HTML', 'JSON'],
    [
      'JSON that breaks off in a string',
      answer({ text: '{"price": "2' }),
      'body',
      /^breaks off after 12 characters$/,
      'JSON',
    ],
    [
      'JSON that breaks off after a value',
      answer({ text: '{"price":2' }),
      'body',
      /^breaks off after 10 characters$/,
      'JSON',
    ],
    ['no JSON at all', answer({ text: 'upstream says no' }), 'body', '16 characters of other text', 'JSON'],
    ['an empty body', answer({ text: '' }), 'body', 'nothing', 'JSON'],
    [
      'bytes that are not UTF-8',
      answer({ body: Uint8Array.of(0x7b, 0xff, 0xfe) }),
      'body',
      'bytes 7b ff fe',
      'UTF-8 text',
    ],
    [
      'a body over its limit',
      answer({ body: new Uint8Array(2_097_152), cut: true }),
      'body',
      'more than 2 MiB',
      'at most 2 MiB',
    ],
    ['a missing field', answer({ json: withoutBook }), 'body.book', 'missing', /expected object/],
    [
      'a wrong type deep inside',
      answer({ json: { ...good, book: { bids: [[19, 'x']] } } }),
      'body.book.bids[0][1]',
      '"x"',
      /expected number/,
    ],
    [
      'no RateLimit headers',
      answer({ headers: headers({}) }),
      'headers.ratelimit',
      'none of them',
      'RateLimit + RateLimit-Policy, or RateLimit-Limit + RateLimit-Remaining',
    ],
    [
      'half of each family',
      answer({ headers: headers({ ratelimit: '1', 'ratelimit-limit': '1' }) }),
      'headers.ratelimit',
      'only RateLimit, RateLimit-Limit',
      /or/,
    ],
    [
      'degraded never set',
      answer({ json: { ...good, source: 'okx' } }),
      'body.degraded',
      'false, body.source is "okx"',
      'what is not from CoinAPI is marked degraded',
    ],
    [
      'a rule that says what it got',
      answer({ json: { ...good, asOf: -4_601 } }),
      'body.serverTime',
      '6001 ms old',
      'data is fresh',
    ],
    ['too slow', answer({ durationMs: 651 }), 'durationMs', '651 ms', 'at most 650 ms'],
  ])('%s', async (_name, exchange, path, got, allowed) => {
    const { finished } = await evaluateHttp(check, exchange, run);
    expect(finished.outcome).toBe('failed');
    const [violation, ...others] = finished.violations;
    expect(others).toEqual([]);
    expect(violation?.path).toBe(path);
    expect(violation?.got).toMatch(got);
    expect(violation?.allowed).toMatch(allowed);
  });

  test('a rule that throws is broken', async () => {
    const throwing = {
      ...check,
      invariants: {
        'it adds up': () => {
          throw new Error('no sum');
        },
      },
    };
    const { finished } = await evaluateHttp(throwing, answer(), run);
    expect(finished.violations).toEqual([
      { path: 'body', rule: 'it adds up', got: 'the rule threw: no sum', allowed: 'it adds up' },
    ]);
  });

  test('exactly at the limit is in time', async () => {
    expect((await evaluateHttp(check, answer({ durationMs: 650 }), run)).finished.outcome).toBe('passed');
  });

  test('a single list of headers names each that is missing', async () => {
    const plain = { ...check, response: { ...check.response, headers: ['ETag', 'Content-Type'] } };
    const { finished } = await evaluateHttp(plain, answer(), run);
    expect(finished.violations.map(({ path }) => path)).toEqual(['headers.etag']);
  });
});

describe('no answer', () => {
  test('a timeout fails, enters latency at its value, and errors', async () => {
    const exchange: HttpExchange = {
      ...measured,
      durationMs: 2_003,
      kind: 'timed-out',
      waitingFor: 'processing',
    };
    const { finished, feeds } = await evaluateHttp(check, exchange, run);
    expect(finished).toMatchObject({ outcome: 'failed', timedOut: true, states: { reachable: false } });
    expect(finished.violations[0]).toMatchObject({
      path: 'response',
      got: 'still waiting for the first byte after 2 s',
    });
    expect(feeds).toEqual([
      { role: 'latency', kind: 'value', value: 2_000 },
      { role: 'errors', kind: 'ratio', bad: true },
      { signal: 'healthy', kind: 'ratio', bad: true },
    ]);
  });

  test.each([
    ['ECONNREFUSED', {}, 'response', 'connection refused (ECONNREFUSED)'],
    [
      'ECONNRESET',
      { waitingFor: 'transfer', received: 12 },
      'body',
      'the connection was reset (ECONNRESET) after 12 bytes of it',
    ],
    ['HPE_INVALID_CONSTANT', {}, 'response', 'connect HPE_INVALID_CONSTANT (HPE_INVALID_CONSTANT)'],
    [
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      {},
      'tls',
      'connect DEPTH_ZERO_SELF_SIGNED_CERT (DEPTH_ZERO_SELF_SIGNED_CERT)',
    ],
    [
      'ERR_TLS_CERT_ALTNAME_INVALID',
      {},
      'tls',
      'connect ERR_TLS_CERT_ALTNAME_INVALID (ERR_TLS_CERT_ALTNAME_INVALID)',
    ],
  ])('%s is the target’s failure and an error', async (code, over, path, got) => {
    const { finished, feeds } = await evaluateHttp(check, broken(code, over), run);
    expect(finished).toMatchObject({ outcome: 'failed', violations: [{ path, got }] });
    expect(feeds).toContainEqual({ role: 'errors', kind: 'ratio', bad: true });
    expect(feeds).not.toContainEqual(expect.objectContaining({ role: 'latency' }));
  });
});

test.each<[string, HttpExchange, object, string | undefined]>([
  ['ECONNREFUSED', broken('ECONNREFUSED'), {}, 'refused'],
  ['a certificate', broken('CERT_HAS_EXPIRED', { waitingFor: 'tls' }), {}, 'handshake'],
  ['a TLS handshake that breaks off', broken('ECONNRESET', { waitingFor: 'tls' }), {}, 'handshake'],
  ['a reset while it answers', broken('ECONNRESET', { waitingFor: 'processing' }), {}, undefined],
  ['a dependency that refuses', broken('ECONNREFUSED'), { through: 'coinapi' }, undefined],
  ['an answer', answer({ status: 503 }), {}, undefined],
])('%s says whether the target took a connection', async (_name, exchange, way, noConnection) => {
  const asking = { ...check, request: { ...check.request, ...way } };
  expect((await evaluateHttp(asking, exchange, run)).finished.noConnection).toBe(noConnection);
});

describe('what says nothing about the target is inconclusive and feeds nothing', () => {
  test.each<[string, HttpExchange, Partial<RunFacts>, RegExp]>([
    ['a name we cannot resolve', broken('EAI_AGAIN'), {}, /could not be made from here/],
    ['no such name', broken('ENOTFOUND'), {}, /from here/],
    ['no file descriptors', broken('EMFILE'), {}, /EMFILE/],
    ['Ctrl-C', { ...measured, kind: 'interrupted' }, {}, /interrupted/],
  ])('%s', async (_name, exchange, facts, reason) => {
    const { finished, feeds } = await evaluateHttp(check, exchange, { ...run, ...facts });
    expect(finished).toMatchObject({
      outcome: 'inconclusive',
      reason: expect.stringMatching(reason),
      states: {},
    });
    expect(finished.late).toBeUndefined();
    expect(feeds).toEqual([]);
  });

  test('at the budgets it still counts', async () => {
    const { finished } = await evaluateHttp(check, answer({ loopLagMs: 200 }), { ...run, latenessMs: 5_000 });
    expect(finished.outcome).toBe('passed');
  });

  test('our own 429 is throttled: neither traffic nor error', async () => {
    const { finished, feeds } = await evaluateHttp(check, answer({ status: 429 }), run);
    expect(finished).toMatchObject({ outcome: 'inconclusive', throttled: true, status: 429, violations: [] });
    expect(feeds).toEqual([
      { role: 'errors', kind: 'throttled' },
      { role: 'serverErrors', kind: 'throttled' },
    ]);
  });

  test('a 429 that is expected is an answer like any other', async () => {
    const limited = { ...check, response: { status: 429 }, invariants: {}, samples: {}, states: {} };
    const { finished, feeds } = await evaluateHttp(limited, answer({ status: 429 }), run);
    expect(finished.outcome).toBe('passed');
    expect(feeds).toContainEqual({ role: 'errors', kind: 'ratio', bad: false });
  });
});

describe('whose figures they are', () => {
  test.each([
    ['counted: false', { ...check, counted: false }],
    ['asking directly', { ...check, request: { ...check.request, direct: 'coinapi' } }],
    [
      'asking directly, as it was called before',
      { ...check, request: { ...check.request, past: 'coinapi' } },
    ],
  ])('%s keeps latency and errors out of the target’s', async (_name, other) => {
    const { feeds } = await evaluateHttp(other, answer({ status: 500 }), run);
    expect(feeds.filter(({ role }) => role !== undefined)).toEqual([]);
  });

  test.each([
    [500, true, true],
    [404, true, false],
    [302, false, false],
  ])('status %i: error %s, 5xx %s', async (status, error, serverError) => {
    const { feeds } = await evaluateHttp(check, answer({ status }), run);
    expect(feeds).toContainEqual({ role: 'errors', kind: 'ratio', bad: error });
    expect(feeds).toContainEqual({ role: 'serverErrors', kind: 'ratio', bad: serverError });
  });
});

describe('what a target says is untrusted', () => {
  const hostile = '\u001B[2J<b>hunter2\u202E&key=hun\u200Bter2 ' + 'x'.repeat(1_000);

  test.each<[string, HttpExchange]>([
    ['a body', answer({ text: hostile })],
    ['a field', answer({ json: { ...good, price: hostile } })],
    ['a content type', answer({ headers: { 'content-type': hostile } })],
    ['an error message', broken('HPE_INVALID', { message: hostile })],
    ['a request id', answer({ headers: headers({ 'x-request-id': hostile }) })],
    ['a key', answer({ json: { ...good, book: { bids: [], [hostile]: 1 } } })],
  ])('%s is written down short, printable and without secrets', async (_name, exchange) => {
    const strict = {
      ...check,
      response: {
        ...check.response,
        body: z.strictObject({ ...Quote.shape, book: z.record(z.string(), z.array(z.unknown())) }),
      },
    };
    const { finished } = await evaluateHttp(strict, exchange, run);
    const { rule: _rule, ...told } = {
      rule: 0,
      violations: finished.violations,
      id: finished.requestId,
      headers: finished.headers,
    };
    const texts = [
      ...finished.violations.flatMap(({ path, got, allowed }) => [path, got, allowed]),
      finished.requestId ?? '',
    ];
    expect(JSON.stringify(told)).not.toMatch(/hunter2/);
    for (const text of texts) {
      expect(text.length).toBeLessThanOrEqual(200);
      expect(text).not.toMatch(/\p{C}/u);
    }
  });
});

describe('row 38: no body is asked', () => {
  const bare = { body: new Uint8Array(), sha256: '' };
  const typed = { headers: { 'content-type': 'application/json' } };
  test.each<[string, NonNullable<HttpCheck['request']['method']>, number, object]>([
    ['of HEAD', 'HEAD', 200, typed],
    ['with 204', 'DELETE', 204, { headers: {} }],
    ['with 304', 'GET', 304, { headers: {} }],
  ])('%s', async (_name, method, status, told) => {
    const asked: HttpCheck = {
      name: 'bare',
      tags: [],
      every: '1s',
      request: { path: '/a', timeout: '2s', method },
      response: { status, contentType: 'application/json', body: Quote },
    };
    const { finished } = await evaluateHttp(asked, answer({ ...bare, ...told, status }), run);
    expect(finished.violations).toEqual([]);
    expect(finished.outcome).toBe('passed');
  });

  test('but the type that HEAD tells is asked', async () => {
    const response = { status: 200, contentType: 'application/json' };
    const asked: HttpCheck = {
      name: 'bare',
      tags: [],
      every: '1s',
      request: { path: '/a', timeout: '2s', method: 'HEAD' },
      response,
    };
    const html = { ...bare, headers: { 'content-type': 'text/html' } };
    const { finished } = await evaluateHttp(asked, answer(html), run);
    expect(finished.violations.map(({ path }) => path)).toEqual(['content-type']);
  });
});

describe('two-am: what the answer said', () => {
  const said = { error: { code: 'PROVIDER_UNAVAILABLE', message: 'no price source is available' } };

  test('stands in the event of a failed check, in 300 characters without secrets and controls', async () => {
    const text = JSON.stringify({ ...said, token: 'abc', note: `hunter2 \u001B[31m${'x'.repeat(400)}` });
    const { finished } = await evaluateHttp(check, answer({ status: 503, text }), run);
    expect(finished.excerpt).toMatch(/^\{"error":\{"code":"PROVIDER_UNAVAILABLE","message":"no price source/);
    expect(finished.excerpt).toContain('"token":"[redacted]"');
    expect(finished.excerpt).not.toContain('hunter2');
    expect(finished.excerpt).not.toContain('\u001B');
    expect(finished.excerpt?.length).toBe(300);
  });

  test('and in no other', async () => {
    expect((await evaluateHttp(check, answer(), run)).finished).not.toHaveProperty('excerpt');
    const throttled = await evaluateHttp(check, answer({ status: 429, json: said }), run);
    expect(throttled.finished).not.toHaveProperty('excerpt');
  });

  test.each([
    ['a web page', '<!doctype html><title>hunting</title>', 'HTML'],
    ['text', 'hunting season', '14 characters of other text'],
    ['JSON that breaks off', '{"a":"hunting', 'breaks off after 13 characters'],
  ])('a violation, and so a message, never quotes a body: %s', async (_name, text, got) => {
    const { finished } = await evaluateHttp(check, answer({ text }), run);
    expect(finished.violations.find(({ path }) => path === 'body')?.got).toBe(got);
    expect(JSON.stringify(finished.violations)).not.toContain('hunting');
    expect(finished.excerpt).toContain('hunting');
  });

  test('a violation quotes no value that belongs to a name such as token', async () => {
    const response = { status: 200, body: z.object({ token: z.number(), mail: z.string() }) };
    const asked = { ...check, invariants: {}, samples: {}, states: {}, response } as unknown as HttpCheck;
    const json = { token: 'abc123', mail: 4, unused: 'x' };
    const { finished } = await evaluateHttp(asked, answer({ json }), run);
    expect(finished.violations.map(({ path, got }) => [path, got])).toEqual([
      ['body.token', '[redacted]'],
      ['body.mail', '4'],
    ]);
  });
});

const share = (signal: string, bad: boolean) => ({ signal, kind: 'ratio', bad });
const ofRole = (role: string, bad: boolean) => ({ role, kind: 'ratio', bad });

describe('hunt 2: our own lateness spoils times, and nothing else', () => {
  const stoodStill = { loopLagMs: 300 };
  const timeoutWhileLate: HttpExchange = {
    ...measured,
    ...stoodStill,
    kind: 'timed-out',
    waitingFor: 'processing',
  };
  const inTime = {
    ...check,
    invariants: { 'it is quick': ({ durationMs }: Answer<unknown>) => durationMs < 5 },
  };

  test.each<[string, HttpExchange, Partial<RunFacts>, readonly string[]]>([
    ['another status', answer({ status: 500, ...stoodStill }), {}, ['status']],
    ['another status of one that began late', answer({ status: 500 }), { latenessMs: 5_001 }, ['status']],
    ['another status, slow too', answer({ status: 500, durationMs: 700, ...stoodStill }), {}, ['status']],
    [
      'another type',
      answer({ headers: headers({ 'content-type': 'text/html' }), ...stoodStill }),
      {},
      ['content-type', 'headers.ratelimit'],
    ],
    ['a wrong body', answer({ json: withoutBook, ...stoodStill }), {}, ['body.book']],
    [
      'a broken rule',
      answer({ json: { ...good, serverTime: 99_000 }, ...stoodStill }),
      {},
      ['body.serverTime'],
    ],
    ['a refused connection', broken('ECONNREFUSED', stoodStill), {}, ['response']],
    [
      'a reset connection',
      broken('ECONNRESET', { ...stoodStill, waitingFor: 'processing' }),
      {},
      ['response'],
    ],
  ])('%s has failed', async (_name, exchange, over, paths) => {
    const { finished } = await evaluateHttp(check, exchange, { ...run, ...over });
    expect(finished).toMatchObject({ outcome: 'failed', late: true });
    expect(finished.reason).toBeUndefined();
    expect(finished.violations.map(({ path }) => path)).toEqual(paths);
  });

  test.each<[string, HttpCheck, HttpExchange, Partial<RunFacts>, RegExp]>([
    ['a good answer', check, answer({ loopLagMs: 201 }), {}, /stood still for 201 ms/],
    ['a good answer that was asked for late', check, answer(), { latenessMs: 5_001 }, /began 5 s late/],
    ['a slow answer', check, answer({ durationMs: 700, ...stoodStill }), {}, /stood still for 300 ms/],
    ['a rule about the time', inTime, answer(stoodStill), {}, /stood still for 300 ms/],
    ['a timeout', check, timeoutWhileLate, {}, /stood still for 300 ms/],
  ])('%s says nothing', async (_name, asked, exchange, over, reason) => {
    const { finished } = await evaluateHttp(asked, exchange, { ...run, ...over });
    expect(finished).toMatchObject({ outcome: 'inconclusive', late: true, violations: [], states: {} });
    expect(finished.reason).toMatch(reason);
    expect(finished).not.toHaveProperty('noAnswer');
  });

  test('what an answer says of a share counts, what it says of a time does not', async () => {
    const fed = async (exchange: HttpExchange) => (await evaluateHttp(check, exchange, run)).feeds;
    expect(await fed(answer(stoodStill))).toEqual([
      ofRole('errors', false),
      ofRole('serverErrors', false),
      share('healthy', false),
    ]);
    expect(await fed(answer({ status: 500, ...stoodStill }))).toEqual([
      ofRole('errors', true),
      ofRole('serverErrors', true),
      share('healthy', true),
    ]);
    expect(await fed(broken('ECONNREFUSED', stoodStill))).toContainEqual(ofRole('errors', true));
    expect(await fed(timeoutWhileLate)).toEqual([]);
    const quick = { ...check, samples: { quick: ({ durationMs }: Answer<unknown>) => durationMs < 5 } };
    const { feeds } = await evaluateHttp(quick, answer(stoodStill), run);
    expect(feeds.map(({ role, signal }) => role ?? signal)).toEqual(['errors', 'serverErrors']);
  });
});

const later = (): never => Promise.reject(new Error('later')) as never;
const sampling = (given: unknown, type?: SampleType) =>
  evaluateHttp({ ...check, samples: { age: () => given as never } }, answer(), {
    ...run,
    ...(type && { sampleTypes: { age: type } }),
  });

describe('hunt 3: what a function of the project gives is not trusted', () => {
  test.each<[string, unknown, SampleType | undefined, string]>([
    ['null', null, 'durations', 'null'],
    ['a text', '900', 'durations', '"900"'],
    ['NaN', Number.NaN, 'numbers', 'NaN'],
    ['infinity', Infinity, 'numbers', 'Infinity'],
    ['an object', { ms: 1 }, 'durations', '{"ms":1}'],
    ['a date', new Date(0), 'durations', 'a Date'],
    ['a promise', Promise.resolve(900), 'durations', 'a Promise'],
    ['a BigInt', 900n, 'durations', '900n'],
    ['a BigInt, of no judged signal', 900n, undefined, '900n'],
    ['a list with a hole in its sense', [1, null], 'durations', '[1, null]'],
    ['a boolean where a time is wanted', true, 'durations', 'true'],
    ['a number where good or bad is wanted', 1, 'flags', '1'],
    ['a time below zero', -5, 'durations', '-5'],
  ])('%s as a sample fails the check, and feeds nothing', async (_name, given, type, got) => {
    const { finished, feeds } = await sampling(given, type);
    expect(finished).toMatchObject({ outcome: 'failed', violations: [{ path: 'samples.age', got }] });
    expect(feeds.map(({ signal }) => signal)).not.toContain('age');
  });

  test.each<[string, unknown, SampleType | undefined]>([
    ['nothing', undefined, 'durations'],
    ['zero', 0, 'durations'],
    ['a list', [1, 2], 'durations'],
    ['below zero where it is no time', -5, 'numbers'],
    ['good or bad', false, 'flags'],
    ['anything that is of use, of no judged signal', true, undefined],
  ])('%s is a sample', async (_name, given, type) => {
    expect((await sampling(given, type)).finished.outcome).toBe('passed');
  });

  test.each<[string, unknown, string]>([
    ['null', null, 'null'],
    ['a BigInt', 1n, '1n'],
    ['NaN', Number.NaN, 'NaN'],
    ['a promise', Promise.resolve(true), 'a Promise'],
    ['an object', {}, '{}'],
  ])('%s as a state fails the check, and is not told', async (_name, given, got) => {
    const states = { fallback: () => given as never };
    const { finished } = await evaluateHttp({ ...check, states }, answer(), run);
    expect(finished).toMatchObject({ outcome: 'failed', violations: [{ path: 'states.fallback', got }] });
    expect(finished.states).toEqual({});
  });

  test('nor what stands in for an answer that never came', async () => {
    const unanswered = { samples: { healthy: null as never }, states: { reachable: 1n as never } };
    const { finished } = await evaluateHttp({ ...check, unanswered }, broken('ECONNREFUSED'), run);
    const paths = finished.violations.map(({ path }) => path);
    expect(paths).toEqual(['response', 'unanswered.samples.healthy', 'unanswered.states.reachable']);
  });

  test('a promise that rejects later ends nothing', async () => {
    const odd = { ...check, samples: { a: later, b: () => [later()] }, states: { c: later } };
    const { violations } = (await evaluateHttp(odd, answer({ loopLagMs: 300 }), run)).finished;
    expect(violations.map(({ path }) => path)).toEqual(['samples.a', 'samples.b', 'states.c']);
    await new Promise((resolve) => setTimeout(resolve, 10));
  });

  test('nor a rule that answers later, nor a schema that throws', async () => {
    const rules = { ...check, invariants: { 'it holds': later } };
    const [violation] = (await evaluateHttp(rules, answer(), run)).finished.violations;
    expect(violation).toMatchObject({ rule: 'it holds', got: expect.stringContaining('promise') });
    const throwing = z.unknown().refine(() => {
      throw new Error('oh');
    });
    const odd = { ...check, response: { status: 200, body: throwing }, invariants: {} };
    const { finished } = await evaluateHttp(odd, answer(), run);
    expect(finished).toMatchObject({ outcome: 'failed', violations: [{ path: 'body' }] });
  });
});

test('hunt 16: a state that a check declares and its answer does not tell is named', async () => {
  const states = { fallback: () => undefined as never, source: () => 'coinapi' };
  const { finished } = await evaluateHttp({ ...check, states }, answer(), run);
  expect(finished).toMatchObject({ outcome: 'passed', states: { source: 'coinapi' }, untold: ['fallback'] });
});

const facts = async (exchange: HttpExchange) => {
  const { noAnswer, slowOnly, outcome } = (await evaluateHttp(check, exchange, run)).finished;
  return { outcome, noAnswer, slowOnly };
};

describe('row 22: whether the target answered, and whether it was only slow, are facts of their own', () => {
  const late = answer({ durationMs: 700 });

  test.each<[string, HttpExchange, object]>([
    ['a good answer', answer(), { outcome: 'passed' }],
    ['a good answer, late', late, { outcome: 'failed', slowOnly: true }],
    ['a bad one, late', answer({ durationMs: 700, status: 500 }), { outcome: 'failed' }],
    ['a bad one', answer({ status: 500 }), { outcome: 'failed' }],
    ['refused', broken('ECONNREFUSED'), { outcome: 'failed', noAnswer: true }],
    ['reset', broken('ECONNRESET', { waitingFor: 'processing' }), { outcome: 'failed', noAnswer: true }],
    [
      'timed out',
      { ...measured, kind: 'timed-out', waitingFor: 'processing' },
      { outcome: 'failed', noAnswer: true },
    ],
  ])('%s', async (_name, exchange, expected) => {
    expect(await facts(exchange)).toEqual({ noAnswer: undefined, slowOnly: undefined, ...expected });
  });
});

describe('hostile: answers that are made to be heavy', () => {
  const prices = defineCheck({
    name: 'prices',
    tags: ['core'],
    every: '1s',
    request: { path: '/prices', timeout: '2s' },
    response: { status: 200, body: z.array(z.number()) },
  }) as HttpCheck;
  const heavy = (text: string) => evaluateHttp(prices, answer({ text }), run);

  test('a list that is wrong in 200,000 places fails once, and is told in a few', async () => {
    const { finished } = await heavy(`[${Array.from({ length: 200_000 }, () => 'null').join(',')}]`);
    expect(finished.outcome).toBe('failed');
    expect(finished.violations).toHaveLength(21);
    expect(finished.violations.at(-1)).toMatchObject({ got: '199980 more places where it does not' });
  });

  test.each(['{"__proto__":{"polluted":true}}', `${'['.repeat(50_000)}${']'.repeat(50_000)}`])(
    'a body that would change or exhaust whoever reads it is a wrong body: %.40s',
    async (body) => {
      const { finished } = await heavy(body);
      expect(finished.outcome).toBe('failed');
      expect(({} as { polluted?: true }).polluted).toBeUndefined();
    },
  );
});
