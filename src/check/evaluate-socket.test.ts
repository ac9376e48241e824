import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { RunFacts } from './conclude.ts';
import { defineCheck, type WebSocketCheck } from './definition.ts';
import { evaluateSocket } from './evaluate-socket.ts';
import type { SocketReply } from './ports.ts';
import { redactor } from './text.ts';

const check = defineCheck({
  name: 'stream',
  tags: ['core'],
  every: '75ms',
  socket: { path: '/ws', send: { id: '{{id}}' }, timeout: '2s' },
  reply: { body: z.object({ age: z.number() }), within: '350ms' },
  invariants: { 'it is young': ({ body }) => body.age < 9 },
  samples: { freshness: ({ body }) => body.age },
  states: { age: ({ body }) => body.age },
}) as WebSocketCheck;

const run: RunFacts = { lane: 'a', latenessMs: 0, requestId: 'sent-1', redact: redactor([]) };

const reply = (durationMs: number, body: unknown = { age: 1 }): SocketReply => ({
  kind: 'replied',
  durationMs,
  text: typeof body === 'string' ? body : JSON.stringify(body),
});
const broken = (code: string, over: object = {}): SocketReply => ({
  kind: 'broken',
  durationMs: 3,
  code,
  message: code,
  ...over,
});
const timedOut: SocketReply = { kind: 'timed-out', durationMs: 2_001, waitingFor: 'processing' };

const evaluate = (...replies: SocketReply[]) => evaluateSocket(check, { replies, loopLagMs: 0 }, run);
const trips = (...values: number[]) => values.map((value) => ({ role: 'roundTrip', kind: 'value', value }));
const ages = (...values: number[]) => values.map((value) => ({ signal: 'freshness', kind: 'value', value }));

test('good replies pass; each is a round trip and feeds its samples', async () => {
  const { finished, feeds } = await evaluate(reply(10), reply(30, { age: 2 }));
  expect(finished).toMatchObject({
    outcome: 'passed',
    endpoint: 'WS /ws',
    durationMs: 30,
    states: { age: 2 },
  });
  expect(feeds).toEqual([...trips(10, 30), ...ages(1, 2)]);
});

describe('a bad reply fails by path, and its round trip counts as it was', () => {
  test.each<[string, SocketReply, string, RegExp]>([
    ['late', reply(351), 'durationMs', /^351 ms$/],
    ['a broken rule', reply(10, { age: 9 }), 'body.age', /^9$/],
    ['a broken schema', reply(10, { age: 'x' }), 'body.age', /^"x"$/],
    ['no JSON', reply(10, 'hello'), 'body', /^5 characters of other text$/],
  ])('%s', async (_name, bad, path, got) => {
    const { finished, feeds } = await evaluate(bad);
    expect(finished).toMatchObject({
      outcome: 'failed',
      violations: [{ path, got: expect.stringMatching(got) }],
    });
    expect(feeds).toContainEqual(trips(bad.durationMs)[0]);
  });

  test('the same one many times over is told once, with how often', async () => {
    const { finished } = await evaluate(reply(400), reply(500), reply(600));
    expect(finished.violations).toMatchObject([{ path: 'durationMs', got: '400 ms (and 2 more like it)' }]);
  });
});

test.each<[string, SocketReply, string | undefined]>([
  ['was refused', broken('ECONNREFUSED'), undefined],
  ['was turned away', broken('WS_503', { status: 503 }), 'sent-1'],
  ['was closed', broken('WS_1008'), 'sent-1'],
])('row 26: a connection that %s tells an id only where one was sent', async (_name, lost, id) => {
  expect((await evaluate(lost)).finished.requestId).toBe(id);
});

describe('no reply fails, and its round trip took at least the timeout', () => {
  test.each<[string, SocketReply, RegExp, boolean]>([
    ['a timeout', timedOut, /still waiting for the first byte after 2 s/, true],
    ['refused', broken('ECONNREFUSED'), /connection refused/, false],
    ['a closed connection', broken('WS_1008'), /WS_1008/, false],
  ])('%s', async (_name, lost, got, isTimeout) => {
    const { finished, feeds } = await evaluate(reply(10), lost);
    expect(finished).toMatchObject({
      outcome: 'failed',
      violations: [{ path: 'response', got: expect.stringMatching(got) }],
    });
    expect(finished.timedOut === true).toBe(isTimeout);
    expect(feeds).toEqual(trips(10, 2_000));
  });

  test('an untrusted certificate is named as such', async () => {
    expect((await evaluate(broken('CERT_HAS_EXPIRED'))).finished.violations).toMatchObject([{ path: 'tls' }]);
  });
});

test.each<[string, SocketReply, string | undefined]>([
  ['ECONNREFUSED', broken('ECONNREFUSED'), 'refused'],
  ['a handshake that is refused', broken('WS_REFUSED', { status: 503 }), 'handshake'],
  ['a certificate', broken('CERT_HAS_EXPIRED'), 'handshake'],
  ['a connection that closes later', broken('WS_1008'), undefined],
  ['a timeout', timedOut, undefined],
  ['our own budget', broken('WS_REFUSED', { status: 429 }), undefined],
])('%s says whether there was a connection', async (_name, lost, noConnection) => {
  expect((await evaluate(lost)).finished.noConnection).toBe(noConnection);
});

describe('what says nothing about the target is inconclusive and feeds nothing', () => {
  test.each<[string, SocketReply, object]>([
    ['our own budget', broken('WS_REFUSED', { status: 429 }), { throttled: true }],
    ['no name', broken('EAI_AGAIN'), {}],
    ['Ctrl-C', { kind: 'interrupted', durationMs: 1 }, { reason: 'interrupted' }],
  ])('%s', async (_name, lost, facts) => {
    const { finished, feeds } = await evaluate(lost);
    expect(finished).toMatchObject({ outcome: 'inconclusive', violations: [], ...facts });
    expect(feeds).toEqual([]);
  });
});

test('counted: false keeps its round trips to itself', async () => {
  const { feeds } = await evaluateSocket(
    { ...check, counted: false },
    { replies: [reply(5)], loopLagMs: 0 },
    run,
  );
  expect(feeds).toEqual(ages(1));
});

test.each<[string, SocketReply, object]>([
  ['a good reply', reply(10), {}],
  ['a late one', reply(351), { slowOnly: true }],
  ['a late one that is wrong', reply(351, { age: 9 }), {}],
  ['none in time', timedOut, { noAnswer: true }],
  ['closed', broken('ECONNRESET'), { noAnswer: true }],
  ['turned away with a status', broken('WS_503', { status: 503 }), { status: 503 }],
])('row 22: %s', async (_name, got, expected) => {
  const { noAnswer, slowOnly, status } = (await evaluate(got)).finished;
  expect({ noAnswer, slowOnly, status }).toEqual({
    noAnswer: undefined,
    slowOnly: undefined,
    status: undefined,
    ...expected,
  });
});

const late = (...replies: SocketReply[]) => evaluateSocket(check, { replies, loopLagMs: 300 }, run);

test('hunt 2: a reply that is wrong has failed though we stood still; one that never came says nothing', async () => {
  const wrong = await late(reply(10, { age: 9 }), timedOut);
  expect(wrong.finished).toMatchObject({ outcome: 'failed', violations: [{ path: 'body.age' }] });
  expect(wrong.finished).not.toHaveProperty('noAnswer');
  expect(wrong.feeds).toEqual([]);
  const silent = await late(timedOut);
  expect(silent.finished).toMatchObject({ outcome: 'inconclusive', violations: [], late: true });
  expect((await late(broken('ECONNREFUSED'))).finished).toMatchObject({
    outcome: 'failed',
    noAnswer: true,
    noConnection: 'refused',
  });
});
