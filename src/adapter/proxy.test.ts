import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';

let target: Server;
let trap: Server;
let asked: string[];
let reached: number;

beforeEach(async () => {
  asked = [];
  reached = 0;
  target = createServer((_, response) => {
    reached += 1;
    response.end('[]');
  });
  trap = createServer(({ url = '' }, response) => {
    asked.push(url);
    response.end('[]');
  });
  trap.on('connect', ({ url = '' }, socket) => {
    asked.push(url);
    socket.destroy();
  });
  for (const server of [target, trap])
    await new Promise<void>((listening) => {
      server.listen(0, '127.0.0.1', listening);
    });
});
afterEach(async () => {
  for (const server of [target, trap]) {
    server.closeAllConnections();
    await new Promise((closed) => {
      server.close(closed);
    });
  }
});

const at = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const module = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);

const askers: readonly (readonly [string, string])[] = [
  [
    'a check',
    `const { createHttpProbe } = await import(${module('http.ts')});
     const probe = createHttpProbe();
     const { kind } = await probe.ask({ method: 'GET', url, headers: {}, timeoutMs: 2000, maxBytes: 10 });
     probe.close();
     console.log(kind);`,
  ],
  [
    'a WebSocket check',
    `const { createSocketProbe } = await import(${module('websocket.ts')});
     const probe = createSocketProbe();
     await probe.converse({ lane: 'x', url: url.replace('http', 'ws'), headers: {}, messages: [{ id: '1', text: '1' }], correlate: 'id', timeoutMs: 1_000 });
     probe.close();
     console.log('asked');`,
  ],
  [
    'Toxiproxy',
    `const { toxiproxyFaults } = await import(${module('toxiproxy/faults.ts')});
     await toxiproxyFaults(url).list().catch(() => undefined);
     console.log('asked');
     process.exit();`,
  ],
  [
    'the metrics that prove a fault',
    `const { callMeter } = await import(${module('chaos/call-meter.ts')});
     const calls = { count: { metric: 'a' }, errors: [], duration: { metric: 'b' } };
     await callMeter(url).read(calls).catch(() => undefined);
     console.log('asked');
     process.exit();`,
  ],
];

test.each(askers)('hostile: the proxy variables of the environment do not divert %s', async (_, code) => {
  const proxy = Object.fromEntries(
    ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'].map((name) => [
      name,
      at(trap),
    ]),
  );
  const env = { ...process.env, ...proxy, NO_PROXY: '', no_proxy: '', NODE_USE_ENV_PROXY: '1' };
  const told = await new Promise<string>((resolve) => {
    const source = `const url = process.argv[1]; ${code}`;
    execFile(
      process.execPath,
      ['--input-type=module', '-e', source, at(target)],
      { env, timeout: 20_000 },
      (error, stdout, stderr) => resolve(error === null ? stdout.trim() : stderr),
    );
  });
  expect(told).toMatch(/^(answered|asked)$/);
  expect(asked).toEqual([]);
  expect(reached).toBeGreaterThan(0);
});
