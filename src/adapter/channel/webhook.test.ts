import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MessageRequested } from '../../event/message.ts';
import type { Random } from '../../kernel/ports.ts';
import { beatUrl, tellHeartbeat } from '../../notify/heartbeat.ts';
import { systemClock } from '../system.ts';
import { telegramChannel } from './telegram.ts';
import { openChannels } from './kinds.ts';
import { heartbeatCaller, webhookChannel } from './webhook.ts';

interface Call {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
  readonly body: string;
}
type Reply = (response: ServerResponse, incoming: IncomingMessage) => void;

let server: Server;
let base: string;
let calls: Call[];
let replies: Reply[];

beforeEach(async () => {
  calls = [];
  replies = [];
  server = createServer((incoming, response) => void answer(incoming, response));
  await new Promise<void>((ready) => {
    server.listen(0, '127.0.0.1', ready);
  });
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((closed) => {
    server.close(closed);
  });
});

async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = '';
  for await (const chunk of incoming) body += String(chunk);
  const { method = '', url = '', headers } = incoming;
  calls.push({ method, url, authorization: headers.authorization, body });
  const reply = replies.shift();
  if (reply) reply(response, incoming);
  else response.end('OK');
}

const status =
  (code: number, text = '', headers: Record<string, string> = {}): Reply =>
  (response) =>
    void response.writeHead(code, headers).end(text);
const silence: Reply = () => undefined;
const endless: Reply = (response) => {
  response.writeHead(500);
  const write = (): boolean => response.write('x'.repeat(65_536), () => response.destroyed || write());
  write();
};

const message: MessageRequested = {
  message: 'inc-1.hook.1',
  incident: 'inc-1',
  transition: 1,
  channel: 'hook',
  template: 'DEGRADED',
  text: '[INCIDENT] …',
};
const never = new AbortController().signal;
const key = 'a-secret-key-in-the-path';
const hook = (more = {}) =>
  webhookChannel({
    name: 'hook',
    url: `${base}/hook/${key}?sig=signed-secret`,
    bearer: 'the-bearer-secret',
    ...more,
  });

describe('a webhook', () => {
  it('gets the message as JSON, with the bearer', async () => {
    expect(await hook().send(message, never)).toEqual({ outcome: 'delivered' });
    expect(calls).toMatchObject([{ method: 'POST', authorization: 'Bearer the-bearer-secret' }]);
    expect(JSON.parse(calls[0]?.body ?? '')).toEqual(message);
  });

  it.each([
    [
      '429 with seconds',
      status(429, 'slow down', { 'retry-after': '3' }),
      { outcome: 'retry', afterMs: 3_000 },
    ],
    ['503', status(503, 'down'), { outcome: 'retry', reason: 'HTTP 503: down' }],
    ['404', status(404, 'no such hook'), { outcome: 'refused', reason: 'HTTP 404: no such hook' }],
    [
      'a redirect',
      status(302, '', { location: 'http://127.0.0.1:1/' }),
      { outcome: 'refused', reason: 'HTTP 302' },
    ],
    ['an endless answer', endless, { outcome: 'retry', reason: `HTTP 500: ${'x'.repeat(200)}` }],
  ] as const)('that answers %s', async (_, reply, expected) => {
    replies.push(reply);
    expect(await hook().send(message, never)).toMatchObject(expected);
    expect(calls).toHaveLength(1);
  });

  it('that never answers is tried again later', async () => {
    replies.push(silence);
    expect(await hook({ timeoutMs: 100 }).send(message, never)).toEqual({
      outcome: 'retry',
      reason: 'no answer within 0.1 s',
    });
  });

  it('that is not there is tried again later', async () => {
    const elsewhere = createServer();
    await new Promise<void>((ready) => {
      elsewhere.listen(0, '127.0.0.1', ready);
    });
    const { port } = elsewhere.address() as AddressInfo;
    await new Promise((closed) => {
      elsewhere.close(closed);
    });
    const gone = webhookChannel({ name: 'hook', url: `http://127.0.0.1:${port}/hook/${key}` });
    expect(await gone.send(message, never)).toMatchObject({
      outcome: 'retry',
      reason: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('is broken off when the dispatcher ends', async () => {
    replies.push(silence);
    const ending = new AbortController();
    const sending = hook().send(message, ending.signal);
    while (calls.length === 0) await systemClock.sleep(5);
    ending.abort(new Error('Ctrl-C'));
    await expect(sending).rejects.toThrow('Ctrl-C');
  });

  it.each(['the-bearer-secret', key, 'signed-secret', encodeURIComponent('the-bearer-secret')])(
    'that repeats a secret is told without it: %s',
    async (secret) => {
      replies.push(status(403, `no access to ${secret} today\n`));
      expect(await hook().send(message, never)).toEqual({
        outcome: 'refused',
        reason: 'HTTP 403: no access to [redacted] today',
      });
    },
  );
});

describe('a Telegram channel', () => {
  const token = '123456:secret-half-of-the-token';
  const telegram = () =>
    telegramChannel({ name: 'telegram', token, chat: '-1', api: `${base}/`, timeoutMs: 100 });

  it('hostile 17: a token that the cut would go through is hidden before the error is cut', async () => {
    replies = [status(400, JSON.stringify({ ok: false, description: `${'x'.repeat(190)} ${token}` }))];
    const delivery = await telegram().send(message, never);
    expect(JSON.stringify(delivery)).toContain('x'.repeat(190));
    expect(JSON.stringify(delivery)).not.toContain(token.slice(0, 6));
  });

  it('that never answers is tried again later', async () => {
    replies.push(silence);
    expect(await telegram().send(message, never)).toMatchObject({ outcome: 'retry' });
    expect(calls[0]?.url).toBe(`/bot${token}/sendMessage`);
  });

  it('whose address cannot be a URL says so without its token', async () => {
    const broken = telegramChannel({ name: 'telegram', token, chat: '-1', api: 'http://' });
    const delivery = await broken.send(message, never);
    expect(delivery.outcome).toBe('retry');
    expect(JSON.stringify(delivery)).not.toContain('secret-half');
  });
});

it('channels are opened as they are configured', async () => {
  const channels = openChannels({
    tg: { kind: 'telegram', token: '1:abcdefgh', chat: '-1', api: base, language: 'id' },
    hook: { kind: 'webhook', url: `${base}/h`, language: 'en' },
  });
  replies.push(status(200, '{"ok":true}'));
  for (const channel of channels)
    expect(await channel.send(message, never)).toEqual({ outcome: 'delivered' });
  expect(channels.map(({ name }) => name)).toEqual(['tg', 'hook']);
  expect(calls.map(({ url }) => url)).toEqual(['/bot1:abcdefgh/sendMessage', '/h']);
});

describe('a heartbeat', () => {
  it.each([
    ['start', 'http://hc/ping/uuid/start'],
    ['fail', 'http://hc/ping/uuid/fail'],
    [0, 'http://hc/ping/uuid/0'],
    [130, 'http://hc/ping/uuid/130'],
  ] as const)('%s', (beat, url) => {
    expect(beatUrl('http://hc/ping/uuid', beat)).toBe(url);
    expect(beatUrl('http://hc/ping/uuid/', beat)).toBe(url);
    expect(beatUrl('http://hc/ping/uuid?rid=7', beat)).toBe(`${url}?rid=7`);
  });

  const eager: Random = { next: () => 0, id: () => 'x' };
  const tell = (beat: 'start' | number) =>
    tellHeartbeat(beat, {
      url: `${base}/${key}`,
      caller: heartbeatCaller,
      clock: systemClock,
      random: eager,
    });

  it('is called by GET', async () => {
    expect(await tell('start')).toBeUndefined();
    expect(calls).toMatchObject([{ method: 'GET', url: `/${key}/start` }]);
  });

  it('is tried three times at most, and its failure is told without the key', async () => {
    replies.push(status(500, key), status(502, key), status(503, `no ${key}`), status(500));
    expect(await tell(0)).toBe('HTTP 503: no [redacted]');
    expect(calls).toHaveLength(3);
  });

  it('is not tried again where it is refused', async () => {
    replies.push(status(404, 'not found'));
    expect(await tell(0)).toBe('HTTP 404: not found');
    expect(calls).toHaveLength(1);
  });
});
