import type { AddressInfo } from 'node:net';
import http from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { SocketRequest } from '../check/ports.ts';
import { createSocketProbe } from './websocket.ts';

const probe = createSocketProbe();
const closers: (() => void)[] = [];

afterEach(() => {
  probe.close();
  for (const close of closers.splice(0)) close();
});

type Behaviour = (socket: WebSocket, text: string, count: number) => void;

/** Answers each message as told; counts the connections it was given. */
async function serve(behave: Behaviour) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  const seen = { connections: 0, url: '', headers: {} as http.IncomingHttpHeaders };
  server.on('connection', (socket, { headers }) => {
    seen.connections += 1;
    seen.headers = headers;
    let count = 0;
    socket.on('message', (data) => behave(socket, String(data), ++count));
  });
  closers.push(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  await new Promise((resolve) => server.once('listening', resolve));
  seen.url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws`;
  return seen;
}

const echo: Behaviour = (socket, text) => socket.send(text);

let ids = 0;
function request(url: string, over: Partial<SocketRequest> & { count?: number } = {}): SocketRequest {
  const { count = 1, ...rest } = over;
  const messages = Array.from({ length: count }, () => {
    const id = `m${++ids}`;
    return { id, text: JSON.stringify({ type: 'echo', id }) };
  });
  return { lane: 'a', url, headers: {}, messages, correlate: 'id', timeoutMs: 1_000, ...rest };
}

const converse = async (asked: SocketRequest, signal?: AbortSignal) =>
  (await probe.converse(asked, signal)).replies;

describe('a lane', () => {
  test('keeps its connection from run to run; another lane has its own', async () => {
    const server = await serve(echo);
    for (const lane of ['a', 'a', 'a', 'b']) {
      expect(await converse(request(server.url, { lane }))).toMatchObject([{ kind: 'replied' }]);
    }
    expect(server.connections).toBe(2);
  });

  test('tells who asks, and times each message by itself', async () => {
    const server = await serve((socket, text, count) =>
      setTimeout(() => socket.send(text), count === 2 ? 120 : 0),
    );
    const [first, second, third] = await converse(
      request(server.url, { count: 3, headers: { 'x-client-id': 'p' } }),
    );
    expect(server.headers['x-client-id']).toBe('p');
    expect(second?.durationMs).toBeGreaterThanOrEqual(115);
    expect(Math.max(first?.durationMs ?? 999, third?.durationMs ?? 999)).toBeLessThan(
      second?.durationMs ?? 0,
    );
  });

  test('takes for its answer only the message that carries its id in the named field', async () => {
    const server = await serve((socket, text) => {
      const { id } = JSON.parse(text) as { id: string };
      socket.send('not json');
      socket.send(JSON.stringify({ type: 'trade', note: id }));
      socket.send(`broken ${id}`);
      socket.send(JSON.stringify({ ref: 'another', note: id }));
      socket.send(JSON.stringify({ ref: id, answer: true }));
    });
    const [reply] = await converse(request(server.url, { correlate: 'ref' }));
    expect(reply).toMatchObject({ kind: 'replied', text: expect.stringContaining('answer') });
  });
});

describe('a lane whose connection', () => {
  test.each<[string, Behaviour, object]>([
    ['is reset', (socket) => socket.terminate(), { kind: 'broken' }],
    [
      'is closed with a reason',
      (socket) => socket.close(1008, 'too many'),
      { kind: 'broken', code: 'WS_1008', message: 'closed with 1008 too many' },
    ],
    [
      'sends more than a message may hold',
      (socket) => socket.send('x'.repeat(2_000_000)),
      { kind: 'broken', code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' },
    ],
    ['hangs', () => {}, { kind: 'timed-out', waitingFor: 'processing' }],
  ])('%s fails there and connects anew for the next run', async (_name, misbehave, expected) => {
    let well = false;
    const server = await serve((...args) => (well ? echo : misbehave)(...args));
    expect(await converse(request(server.url, { count: 3, timeoutMs: 300 }))).toMatchObject([expected]);
    well = true;
    expect(await converse(request(server.url))).toMatchObject([{ kind: 'replied' }]);
    expect(server.connections).toBe(2);
  });

  test('was lost between two runs connects anew without a failure', async () => {
    let last: WebSocket | undefined;
    const server = await serve((socket, text) => {
      last = socket;
      socket.send(text);
    });
    await converse(request(server.url));
    last?.terminate();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await converse(request(server.url))).toMatchObject([{ kind: 'replied' }]);
  });
});

describe('a connection that cannot be had', () => {
  test('is broken with the status that refused it', async () => {
    const server = http.createServer((_, response) => response.writeHead(429).end());
    closers.push(() => server.close());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    expect(await converse(request(url))).toMatchObject([{ kind: 'broken', code: 'WS_REFUSED', status: 429 }]);
  });

  test('times out where the handshake hangs', async () => {
    const server = http.createServer(() => {}).on('upgrade', () => {});
    closers.push(() => {
      server.closeAllConnections();
      server.close();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const replies = await converse(request(url, { timeoutMs: 200 }));
    expect(replies).toMatchObject([{ kind: 'timed-out', waitingFor: 'connect' }]);
  });

  test('is broken where nobody listens', async () => {
    const server = await serve(echo);
    for (const close of closers.splice(0)) close();
    expect(await converse(request(server.url))).toMatchObject([{ kind: 'broken', code: 'ECONNREFUSED' }]);
  });
});

test('interruption ends a run before and during it', async () => {
  const server = await serve(() => {});
  expect(await converse(request(server.url), AbortSignal.abort())).toMatchObject([{ kind: 'interrupted' }]);
  const later = new AbortController();
  setTimeout(() => later.abort(), 50);
  expect(await converse(request(server.url), later.signal)).toMatchObject([{ kind: 'interrupted' }]);
});
