import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { dependencyProbe } from '../adapter/chaos/probe.ts';
import { down } from './faults.ts';
import type { Dependency } from '../project/target.ts';
import { asking } from './ask-around.ts';
import type { FaultPort, Injection, ProxyState } from './ports.ts';
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

async function proofWith(direct?: string) {
  const faults: Pick<FaultPort, 'url' | 'list'> = {
    url: 'http://127.0.0.1:8474',
    list: async () => [proxy],
  };
  const metric = { metric: 'calls' };
  const calls = { count: metric, errors: [metric], duration: metric };
  const totals = { count: 10, errors: 0, timed: 0, totalMs: 0, at: 0 };
  const clock = {
    now: Date.now,
    monotonic: () => performance.now(),
    sleep: async (ms: number) => void (await sleep(ms)),
  };
  const okx: Dependency = { probe: { kind: 'http', path: '/health' }, calls, ...(direct && { direct }) };
  const target = { name: 't', url: 'http://127.0.0.1', proxies: { okx } };
  const injection: Injection = {
    owner: { run: 'r', n: 1, expiresAt: 0 },
    proxy: 'okx',
    fault: down(),
    stream: 'downstream',
    toxicity: 1,
  };
  return prove(
    { clock, calls: { read: async () => ({ ...totals, count: 20, errors: 10, at: 1_000 }) } },
    {
      injection,
      confirm: async () => ({ state: 'as-set' }),
      ask: await asking({ clock, faults: faults as FaultPort, probes: dependencyProbe, target }, injection),
      calls: { metrics: calls, figures: { count: 10, errors: 0, meanMs: 0, overMs: 1_000 }, totals },
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
