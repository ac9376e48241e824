import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { HttpExchange, HttpRequest } from '../check/ports.ts';
import { createHttpProbe } from './http.ts';

const closers: (() => void)[] = [];
const probe = createHttpProbe();

afterEach(() => {
  for (const close of closers.splice(0)) close();
});
afterAll(() => probe.close());

async function listen(server: net.Server): Promise<number> {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket) => sockets.add(socket.on('error', () => {})));
  closers.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const serve = async (handler: http.RequestListener) =>
  `http://127.0.0.1:${await listen(http.createServer(handler))}/`;
const serveRaw = async (talk: (socket: net.Socket) => void) =>
  `http://127.0.0.1:${await listen(net.createServer(talk))}/`;

const ask = async (url: string, over: Partial<HttpRequest> = {}, signal?: AbortSignal) =>
  probe.ask({ method: 'GET', url, headers: {}, timeoutMs: 5_000, maxBytes: 1_048_576, ...over }, signal);

function answered(exchange: HttpExchange): Extract<HttpExchange, { kind: 'answered' }> {
  if (exchange.kind !== 'answered') throw new Error(`not answered: ${JSON.stringify(exchange)}`);
  return exchange;
}

const textOf = (exchange: HttpExchange) => new TextDecoder().decode(answered(exchange).body);

describe('an answer', () => {
  test('comes with status, headers, body, its hash and the time of each phase', async () => {
    const url = await serve((_, response) =>
      response.writeHead(201, { 'X-Request-Id': 'r1' }).end('{"a":1}'),
    );
    const exchange = answered(await ask(url.replace('127.0.0.1', 'localhost')));
    expect(exchange).toMatchObject({ status: 201, cut: false, headers: { 'x-request-id': 'r1' } });
    expect(exchange.sha256).toBe('015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862');
    expect(Object.keys(exchange.phases)).toEqual(['dns', 'connect', 'processing', 'transfer']);
    expect(textOf(exchange)).toBe('{"a":1}');
  });

  test('on a connection that was kept has neither look-up nor connect', async () => {
    const ports = new Set<number | undefined>();
    const url = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      response.end('ok');
    });
    await ask(url);
    const second = await ask(url);
    expect(ports.size).toBe(1);
    expect(Object.keys(second.phases)).toEqual(['processing', 'transfer']);
  });

  test('sends method, headers and body', async () => {
    const url = await serve(async (request, response) => {
      const body = await request.toArray();
      response.end(`${request.method} ${request.headers['x-a']} ${Buffer.concat(body).toString()}`);
    });
    expect(textOf(await ask(url, { method: 'POST', headers: { 'x-a': '1' }, body: '{}' }))).toBe('POST 1 {}');
  });

  const packed = gzipSync('{"a":1}');
  test.each([
    ['gzip', packed],
    ['X-GZIP', packed],
    ['deflate', deflateSync('{"a":1}')],
    ['br', brotliCompressSync('{"a":1}')],
    ['zstd', zstdCompressSync('{"a":1}')],
    ['identity', Buffer.from('{"a":1}')],
  ])('packed with %s is unpacked', async (coding, body) => {
    const url = await serve((_, response) =>
      response.writeHead(200, { 'content-encoding': coding }).end(body),
    );
    expect(textOf(await ask(url))).toBe('{"a":1}');
  });

  test('of no body, said to be packed, is an empty one', async () => {
    const url = await serve((_, response) => response.writeHead(204, { 'content-encoding': 'gzip' }).end());
    expect(textOf(await ask(url))).toBe('');
  });

  test.each([
    ['is not packed as it says', Buffer.from('{"a":1}')],
    ['breaks off within its packing', packed.subarray(0, -6)],
  ])('that %s is broken', async (_name, body) => {
    const url = await serve((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(body),
    );
    expect(await ask(url)).toMatchObject({ kind: 'broken', waitingFor: 'transfer' });
  });

  test('that is small only while packed is cut at the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    const url = await serve((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
    );
    const exchange = answered(await ask(url, { maxBytes: 1_000 }));
    expect([exchange.cut, exchange.body.length]).toEqual([true, 1_000]);
  });

  test('follows no redirect', async () => {
    const url = await serve((_, response) => response.writeHead(302, { location: '/elsewhere' }).end());
    expect(answered(await ask(url)).status).toBe(302);
  });

  test('of 50 MB is cut at the limit, and the rest is not read', async () => {
    let sent = 0;
    const megabyte = Buffer.alloc(1_048_576, 'x');
    const url = await serve(async (_, response) => {
      response.on('error', () => {});
      for (let i = 0; i < 50 && !response.destroyed; i++) {
        sent += megabyte.length;
        if (!response.write(megabyte))
          await new Promise((go) => response.once('drain', go).once('close', go));
      }
      response.end();
    });
    const exchange = answered(await ask(url, { maxBytes: 65_536 }));
    expect(exchange).toMatchObject({ cut: true, status: 200 });
    expect(exchange.body.length).toBe(65_536);
    expect(sent).toBeLessThan(25 * megabyte.length);
  });

  test('of exactly the limit is whole', async () => {
    const url = await serve((_, response) => response.end('x'.repeat(100)));
    expect(answered(await ask(url, { maxBytes: 100 })).cut).toBe(false);
    expect(answered(await ask(url, { maxBytes: 99 })).cut).toBe(true);
  });
});

describe('a timeout covers the whole exchange', () => {
  test.each<[string, (socket: net.Socket) => void, string]>([
    ['no answer at all', () => {}, 'processing'],
    ['headers that trickle', (socket) => trickle(socket, 'HTTP/1.1 200 OK\r\nx-slow: '), 'processing'],
    [
      'a body that trickles',
      (socket) => trickle(socket, 'HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n'),
      'transfer',
    ],
  ])('%s', async (_name, talk, waitingFor) => {
    const exchange = await ask(await serveRaw(talk), { timeoutMs: 300 });
    expect(exchange).toMatchObject({ kind: 'timed-out', waitingFor });
    expect(exchange.durationMs).toBeGreaterThanOrEqual(295);
  });
});

function trickle(socket: net.Socket, start: string): void {
  socket.write(start);
  const timer = setInterval(() => socket.write('x'), 50);
  socket.on('close', () => clearInterval(timer));
}

describe('a broken exchange carries its code and how far it came', () => {
  const whole = 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"price":';
  test.each<[string, (socket: net.Socket) => void, object]>([
    [
      'a reset before the answer',
      (socket) => socket.once('data', () => socket.resetAndDestroy()),
      { code: 'ECONNRESET', waitingFor: 'processing', received: 0 },
    ],
    [
      'a close before the answer',
      (socket) => socket.once('data', () => socket.end()),
      { code: 'ECONNRESET', waitingFor: 'processing' },
    ],
    [
      'a body that is cut off',
      (socket) => socket.once('data', () => socket.end(whole)),
      { code: 'ECONNRESET', waitingFor: 'transfer', received: 9 },
    ],
    [
      'no HTTP at all',
      (socket) => socket.end('SSH-2.0-OpenSSH\r\n'),
      { code: 'HPE_INVALID_CONSTANT', waitingFor: 'processing' },
    ],
  ])('%s', async (_name, talk, expected) => {
    expect(await ask(await serveRaw(talk))).toMatchObject({ kind: 'broken', ...expected });
  });

  test('connection refused', async () => {
    const url = await serve(() => {});
    for (const close of closers.splice(0)) close();
    expect(await ask(url)).toMatchObject({ kind: 'broken', code: 'ECONNREFUSED', waitingFor: 'connect' });
  });

  test('a name that cannot be resolved', async () => {
    const exchange = await ask('http://nowhere.invalid/');
    expect(exchange).toMatchObject({ kind: 'broken', waitingFor: 'dns' });
  });
});

// Answers the first request on a connection and resets at the second.
const closing = (asked: string[]) => (socket: net.Socket) => {
  let count = 0;
  socket.on('data', (data) => {
    asked.push(String(data).split(' ')[0] ?? '');
    if (++count > 1) socket.resetAndDestroy();
    else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
  });
};

describe('a kept connection that the server closes in the instant of its use', () => {
  test('is not held against a target where asking again changes nothing', async () => {
    const asked: string[] = [];
    const url = await serveRaw(closing(asked));
    await ask(url, { repeatable: true });
    expect(await ask(url, { repeatable: true })).toMatchObject({ kind: 'answered', status: 200 });
    expect(asked).toEqual(['GET', 'GET', 'GET']);
  });

  test('is told where the connection was new: then it is the target that resets', async () => {
    const asked: string[] = [];
    const url = await serveRaw((socket) =>
      socket.once('data', () => asked.push('once') && socket.resetAndDestroy()),
    );
    expect(await ask(url, { repeatable: true })).toMatchObject({ kind: 'broken', code: 'ECONNRESET' });
    expect(asked).toEqual(['once']);
  });

  test('is told where it might', async () => {
    const url = await serveRaw(closing([]));
    await ask(url, { method: 'POST' });
    expect(await ask(url, { method: 'POST' })).toMatchObject({ kind: 'broken', code: 'ECONNRESET' });
  });
});

describe('interruption', () => {
  test('before and during an exchange ends it', async () => {
    const url = await serve(() => {});
    expect(await ask(url, {}, AbortSignal.abort())).toMatchObject({ kind: 'interrupted' });
    const later = new AbortController();
    const asked = ask(url, {}, later.signal);
    setTimeout(() => later.abort(), 50);
    expect(await asked).toMatchObject({ kind: 'interrupted' });
  });
});

test('tells how long our own event loop stood still', async () => {
  const url = await serve((_, response) => setTimeout(() => response.end('ok'), 100));
  const asked = ask(url);
  await new Promise((resolve) => setTimeout(resolve, 1));
  const end = performance.now() + 300;
  while (performance.now() < end);
  expect((await asked).loopLagMs).toBeGreaterThan(200);
});

describe('a request that is wrong itself', () => {
  test.each([
    ['ftp://127.0.0.1/', {}, 'bad-url'],
    ['not a url?token=hunter2', {}, 'bad-url'],
    ['https://127.0.0.1/', { ca: '/nonexistent.pem' }, 'bad-ca'],
  ])('%s is an error of usage', async (url, over, code) => {
    await expect(ask(url, over)).rejects.toMatchObject({
      code,
      exitCode: 2,
      message: expect.not.stringContaining('hunter2'),
    });
  });
});

describe('TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'siaga-tls-'));
  const file = (name: string) => join(folder, name);
  let url = '';

  beforeAll(() => {
    writeFileSync(file('empty'), '');
    const args = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
    ];
    execFileSync(
      'openssl',
      [
        ...args,
        '-subj',
        '/CN=local',
        '-addext',
        'subjectAltName=IP:127.0.0.1',
        '-keyout',
        file('key.pem'),
        '-out',
        file('cert.pem'),
      ],
      { stdio: 'ignore' },
    );
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const start = async () => {
    const options = { key: readFileSync(file('key.pem')), cert: readFileSync(file('cert.pem')) };
    url = `https://127.0.0.1:${await listen(https.createServer(options, (_, response) => response.end('ok')))}/`;
  };

  test('a certificate nobody vouches for breaks the exchange in its handshake', async () => {
    await start();
    expect(await ask(url)).toMatchObject({
      kind: 'broken',
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
      waitingFor: 'tls',
    });
  });

  test('the same one is trusted where the target names it', async () => {
    await start();
    const exchange = await ask(url, { ca: file('cert.pem') });
    expect(exchange).toMatchObject({ kind: 'answered', status: 200 });
    expect(Object.keys(exchange.phases)).toEqual(['connect', 'tls', 'processing', 'transfer']);
  });

  test('a certificate for another name is not', async () => {
    await start();
    const exchange = await ask(url.replace('127.0.0.1', 'localhost'), { ca: file('cert.pem') });
    expect(exchange).toMatchObject({ kind: 'broken', code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });
});
