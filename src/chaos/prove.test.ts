import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { dependencyProbe } from '../adapter/chaos/probe.ts';
import { down } from './faults.ts';
import type { FaultPort, ProxyState } from './ports.ts';
import { prove } from './prove.ts';

async function dependency(): Promise<string> {
  const server = createServer((_, response) => response.end('up'));
  onTestFinished(() => void server.close());
  await new Promise((listening) => server.listen(0, '127.0.0.1', () => listening(undefined)));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

// Port 1 refuses, as a proxy that is down does. The upstream is a name that only a container network knows.
const proxy: ProxyState = {
  name: 'okx',
  listen: '[::]:1',
  upstream: 'provider-okx.invalid:4000',
  enabled: false,
  toxics: [],
};

function proofWith(direct?: string) {
  const faults: Pick<FaultPort, 'url' | 'list' | 'readBack'> = {
    url: 'http://127.0.0.1:8474',
    list: async () => [proxy],
    readBack: async () => ({ state: 'as-set', proxy }),
  };
  const metric = { metric: 'calls' };
  const calls = { count: metric, errors: [metric], duration: metric };
  const totals = { count: 10, errors: 0, timed: 0, totalMs: 0, at: 0 };
  return prove(
    {
      clock: { now: Date.now, monotonic: () => performance.now(), sleep: (ms) => sleep(ms) },
      faults: faults as FaultPort,
      probes: dependencyProbe,
      calls: { read: async () => ({ ...totals, count: 20, errors: 10, at: 1_000 }) },
    },
    {
      injection: {
        owner: { run: 'r', n: 1, expiresAt: 0 },
        proxy: 'okx',
        fault: down(),
        stream: 'downstream',
        toxicity: 1,
      },
      dependency: { probe: { kind: 'http', path: '/health' }, calls, ...(direct && { direct }) },
      before: { figures: { count: 10, errors: 0, meanMs: 0, overMs: 1_000 }, totals },
      until: 0,
      signal: new AbortController().signal,
    },
  );
}

it('a dependency is asked past its proxy at the address that was given for it', async () => {
  expect(await proofWith(await dependency())).toMatchObject({ proven: true });
});

it('and at the upstream where none was given', async () => {
  expect(await proofWith()).toMatchObject({
    proven: false,
    why: expect.stringContaining('provider-okx.invalid'),
  });
});
