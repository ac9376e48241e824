import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { dependencyProbe } from '../adapter/chaos/probe.ts';
import { down, latency, resetPeer, slowClose } from './faults.ts';
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

const listed = (over: Partial<ProxyState> = {}): ProxyState => ({ ...proxy, enabled: true, ...over });
const metric = { metric: 'calls' };
const metrics = { count: metric, errors: [metric], duration: metric };

interface World {
  readonly injection?: Partial<Injection>;
  readonly proxies?: readonly ProxyState[];
  /** Whether a question gets through the proxy, by the round. */
  readonly through?: (round: number) => boolean;
  /** The system's calls since the fault, by the round. */
  readonly calls?: (round: number) => { readonly count: number; readonly errors: number };
  readonly until?: number;
  readonly stopsIn?: number;
}

/** Proves a fault in a world whose clock moves as it is slept; says whom it asked, and when. */
async function proven({
  injection: over,
  proxies = [listed()],
  through = () => false,
  calls = () => ({ count: 20, errors: 20 }),
  until = 60_000,
  stopsIn,
}: World = {}) {
  const asked: { readonly address: string; readonly ms: number; readonly timeoutMs: number }[] = [];
  const stop = new AbortController();
  let [now, round] = [0, 0];
  const clock = { now: () => now, monotonic: () => now, sleep: async (ms: number) => void (now += ms) };
  const owner = { run: 'r', n: 1, expiresAt: 0 };
  const injection: Injection = {
    owner,
    proxy: 'okx',
    fault: down(),
    stream: 'downstream',
    toxicity: 1,
    ...over,
  };
  const faults = { url: 'http://toxi.example:8474', list: async () => proxies };
  const probes = {
    ask: async (_: unknown, address: string, timeoutMs: number) => {
      asked.push({ address, ms: now, timeoutMs });
      return { ok: address === proxy.upstream || through(round), ms: 1, bytes: 100, reason: 'refused' };
    },
  };
  const target = {
    name: 't',
    url: 'http://127.0.0.1',
    proxies: { okx: { probe: { kind: 'tcp' }, calls: metrics } },
  };
  const totals = { count: 0, errors: 0, timed: 0, totalMs: 0, at: 0 };
  const proof = await prove(
    { clock, calls: { read: async () => ({ ...totals, ...calls(round), at: now }) } },
    {
      injection,
      confirm: async () => {
        round += 1;
        if (round === stopsIn) stop.abort();
        return { state: 'as-set' };
      },
      ask: await asking(
        { clock, faults, probes, target } as unknown as Parameters<typeof asking>[0],
        injection,
      ),
      calls: { metrics, figures: { count: 10, errors: 0, meanMs: 5, overMs: 1_000 }, totals },
      until,
      signal: stop.signal,
    },
  );
  return { proof, asked, rounds: round };
}

describe('asking around a fault', () => {
  it('asks five times each way, a moment apart: one question alone may meet anything', async () => {
    const { proof, asked } = await proven();
    expect(proof.proven).toBe(true);
    expect(asked.filter(({ address }) => address === proxy.upstream).map(({ ms }) => ms)).toEqual([
      0, 150, 300, 450, 600,
    ]);
    expect(asked).toHaveLength(10);
  });

  it.each([
    ['[::]:5432', 'toxi.example:5432'],
    ['0.0.0.0:5432', 'toxi.example:5432'],
    [':5432', 'toxi.example:5432'],
    ['10.0.0.7:5432', '10.0.0.7:5432'],
    ['db.example:5432', 'db.example:5432'],
    ['::1:5432', '::1:5432'],
  ])('asks a proxy that listens on %s at %s', async (listen, address) => {
    const { asked } = await proven({
      proxies: [listed({ name: 'other', listen: 'x:1' }), listed({ listen })],
    });
    expect(asked[0]?.address).toBe(address);
  });

  it('proves nothing of a proxy that is gone', async () => {
    const { proof } = await proven({ proxies: [listed({ name: 'other' })], until: 0 });
    expect(proof).toMatchObject({ proven: false, why: 'only 0 probes went past the proxy' });
  });

  it('gives answers the time that the fault takes, two seconds at least and ten at most', async () => {
    const second = latency('1s', { jitter: '200ms' });
    const given = await Promise.all(
      [
        { fault: down() },
        { fault: second },
        { fault: second, stream: 'both' as const },
        { fault: slowClose('1s') },
        { fault: latency('5s') },
      ].map(async (injection) => (await proven({ injection, until: 0 })).asked[0]?.timeoutMs),
    );
    expect(given).toEqual([2_000, 4_000, 7_000, 3_500, 10_000]);
  });

  it('expects of a fault on some connections that it meets only some', async () => {
    const some = { fault: resetPeer(), toxicity: 0.2 };
    expect((await proven({ injection: some, through: () => true, until: 0 })).proof.proven).toBe(false);
    const both = { fault: latency('1s'), stream: 'both' as const };
    const { proof } = await proven({ injection: both, through: () => true, until: 0 });
    expect(proof.why).toContain('800 ms were due');
  });
});

describe('a proof', () => {
  it('is waited for, round by round', async () => {
    const { proof, rounds } = await proven({ through: (round) => round < 2 });
    expect([proof.proven, rounds]).toEqual([true, 3]);
  });

  it('is given up when its time is over, or the experiment is stopped', async () => {
    const never = { through: () => true };
    expect((await proven({ ...never, until: 1_200 })).rounds).toBe(2);
    const { proof, rounds } = await proven({ ...never, stopsIn: 3 });
    expect([proof.proven, rounds, proof.why]).toEqual([false, 3, '5 of 5 probes got through it']);
  });

  it('counts what the calls showed in any round: a breaker that opens ends what they show', async () => {
    const { proof, rounds } = await proven({
      through: (round) => round === 0,
      calls: (round) => (round === 0 ? { count: 10, errors: 10 } : { count: 1_000, errors: 10 }),
    });
    expect([proof.proven, rounds]).toEqual([true, 2]);
  });

  it('is none where the calls cannot be read', async () => {
    const { proof } = await proven({
      calls: () => {
        throw new Error('no metrics');
      },
      until: 0,
    });
    expect(proof).toMatchObject({
      proven: false,
      why: expect.stringContaining('no calls to it during the fault'),
    });
  });
});
