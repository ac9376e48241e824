import { execFile, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dependencyProbe } from '../../../src/adapter/chaos/probe.ts';
import { systemClock } from '../../../src/adapter/system.ts';
import { toxiproxyFaults } from '../../../src/adapter/toxiproxy/faults.ts';
import { callTimeoutMs } from '../../../src/adapter/toxiproxy/http.ts';
import { asking } from '../../../src/chaos/ask-around.ts';
import type { ToxicFault } from '../../../src/chaos/definition.ts';
import * as faults from '../../../src/chaos/faults.ts';
import { leaseProxy, nameOf, takeoverProxy, upstreamOf } from '../../../src/chaos/names.ts';
import type { CallTotals, FaultPort, Injection } from '../../../src/chaos/ports.ts';
import { prove } from '../../../src/chaos/prove.ts';
import { holdFlood, startFlood } from '../../support/chaos/flood.ts';
import type { Dependency } from '../../../src/project/target.ts';
import { startLiar } from '../../support/chaos/liar.ts';
import { expectWithin } from '../../support/late.ts';
import { startToxiproxy } from '../../support/chaos/toxiproxy.ts';
import type { RunningToxiproxy } from '../../support/chaos/toxiproxy.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const run = promisify(execFile);

let toxiproxy: RunningToxiproxy;
let port: FaultPort;
let dependency: Server;
let upstream: string;

beforeEach(async () => {
  toxiproxy = await startToxiproxy();
  port = toxiproxyFaults(toxiproxy.url);
  // 64 KiB, so that what slows data by its size shows.
  const body = 'x'.repeat(65_536);
  dependency = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`));
  });
  await new Promise<void>((resolve) => dependency.listen(0, '127.0.0.1', resolve));
  upstream = `127.0.0.1:${(dependency.address() as AddressInfo).port}`;
  await toxiproxy.proxy('web', upstream);
});

afterEach(async () => {
  dependency.close();
  await toxiproxy[Symbol.asyncDispose]();
});

const dependedOn: Dependency = {
  probe: { kind: 'http', path: '/' },
  calls: { count: { metric: 'a' }, errors: [], duration: { metric: 'b' } },
};
const target = { name: 'web', url: 'http://127.0.0.1', proxies: { web: dependedOn } };

const injection = (fault: ToxicFault, over: Partial<Injection> = {}): Injection => ({
  owner: { run: 'run1', n: 1, expiresAt: Date.now() + 60_000 },
  proxy: 'web',
  fault,
  stream: 'downstream',
  toxicity: 1,
  ...over,
});

/** What Toxiproxy says about a proxy to anybody. */
async function proxy(name: string): Promise<{ enabled: boolean; toxics: { name: string }[] }> {
  const { body } = await toxiproxy.call('GET', `/proxies/${encodeURIComponent(name)}`);
  return body as { enabled: boolean; toxics: { name: string }[] };
}

const busy = (count: number, errors: number, totalMs: number): CallTotals => ({
  count,
  errors,
  timed: count,
  totalMs,
  at: Date.now(),
});

describe('every kind of fault', () => {
  const kinds: readonly (readonly [string, ToxicFault, Injection['stream']])[] = [
    ['down', faults.down(), 'downstream'],
    ['latency', faults.latency('100ms', { jitter: '10ms' }), 'downstream'],
    ['latency both ways', faults.latency('60ms'), 'both'],
    ['bandwidth', faults.bandwidth({ kilobytesPerSecond: 200 }), 'downstream'],
    ['a stall', faults.bandwidth({ kilobytesPerSecond: 0 }), 'downstream'],
    ['slow_close', faults.slowClose('300ms'), 'downstream'],
    ['timeout', faults.timeout('100ms'), 'upstream'],
    ['reset_peer', faults.resetPeer(), 'downstream'],
    ['slicer', faults.slicer({ averageBytes: 4_096, variationBytes: 64, delayMicros: 10_000 }), 'downstream'],
    ['limit_data', faults.limitData(1_000), 'downstream'],
  ];

  it.each(kinds)('%s goes in, is proven, and comes out without a trace', async (_, fault, stream) => {
    const set = injection(fault, { stream });
    await port.inject(set);
    expect(await port.readBack(set)).toMatchObject({ state: 'as-set' });
    const proof = await prove(
      { clock: systemClock, calls: { read: async () => busy(200, 100, 100_000) } },
      {
        injection: set,
        confirm: () => port.readBack(set),
        ask: await asking({ clock: systemClock, faults: port, probes: dependencyProbe, target }, set),
        calls: {
          metrics: dependedOn.calls,
          figures: { count: 100, errors: 0, meanMs: 1, overMs: 1_000 },
          totals: busy(100, 0, 100),
        },
        until: 0,
        signal: new AbortController().signal,
      },
    );
    expect(proof).toMatchObject({ proven: true, through: { n: 5 }, past: { n: 5, failed: 0 } });
    expect(await port.undo(set)).toMatchObject({ done: true });
    expect(await proxy('web')).toMatchObject({ enabled: true, toxics: [] });
  });

  it('reads back as different where someone changed it', async () => {
    const set = injection(faults.latency('100ms'));
    await port.inject(set);
    const [toxic] = (await proxy('web')).toxics;
    await toxiproxy.call('POST', `/proxies/web/toxics/${toxic?.name}`, { attributes: { latency: 7 } });
    expect(await port.readBack(set)).toMatchObject({
      state: 'differs',
      got: expect.stringContaining('latency 7'),
    });
  });

  it('says which proxies there are where one is misspelt', async () => {
    const rejected = port.inject(injection(faults.down(), { proxy: 'wed' }));
    await expect(rejected).rejects.toMatchObject({
      code: 'unknown-proxy',
      facts: { allowed: 'web', hint: 'did you mean web?' },
    });
  });

  it('leaves a proxy alone that someone else has disabled', async () => {
    await toxiproxy.call('POST', '/proxies/web', { enabled: false });
    const set = injection(faults.down());
    await expect(port.inject(set)).rejects.toMatchObject({ code: 'proxy-disabled', exitCode: 3 });
    await port.undo(set);
    expect(await proxy('web')).toMatchObject({ enabled: false });
  });

  it('reaches proxies whose names need encoding', async () => {
    await toxiproxy.proxy('a b?c#d%', upstream);
    const set = injection(faults.latency('10ms'), { proxy: 'a b?c#d%' });
    await port.inject(set);
    expect(await port.undo(set)).toEqual({ done: true, step: 'toxic-deleted' });
  });

  it('keeps the toxics of others', async () => {
    await toxiproxy.call('POST', '/proxies/web/toxics', {
      name: 'foreign',
      type: 'latency',
      attributes: { latency: 3 },
    });
    const set = injection(faults.down());
    await port.inject(set);
    await port.undo(set);
    expect(await proxy('web')).toMatchObject({ enabled: true, toxics: [{ name: 'foreign' }] });
  });

  it('says who disabled a proxy, in its listing', async () => {
    const set = injection(faults.down());
    await port.inject(set);
    expect((await proxy('web')).toxics).toMatchObject([{ name: nameOf(set.owner, 'disabled'), toxicity: 0 }]);
  });
});

describe('a wedged Toxiproxy', () => {
  it('is healed by recreating the proxy, with the toxics of others', async () => {
    await using flood = await startFlood(1);
    await toxiproxy.call('DELETE', '/proxies/web');
    const listen = await toxiproxy.proxy('web', flood.address);
    await toxiproxy.call('POST', '/proxies/web/toxics', {
      name: 'foreign',
      type: 'latency',
      stream: 'upstream',
      attributes: { latency: 3 },
    });
    const set = injection(faults.latency('1s'));
    await port.inject(set);
    const stream = holdFlood(listen);
    await flood.isHeld();
    const began = performance.now();
    const removing = port.undo(set);
    const wanted = { done: true, step: 'proxy-recreated' };
    await expectWithin(10_000, began, async () => expect(await removing).toEqual(wanted));
    stream[Symbol.dispose]();
    expect(await proxy('web')).toMatchObject({ enabled: true, toxics: [{ name: 'foreign' }] });
  });
});

const names = async (): Promise<readonly string[]> => (await port.list()).map(({ name }) => name);

describe('a proxy that is not there', () => {
  it('and that somebody else took away is not made anew', async () => {
    const set = injection(faults.latency('100ms'));
    await port.inject(set);
    await toxiproxy.call('DELETE', '/proxies/web');
    expect(await port.undo(set)).toEqual({ done: true, step: 'already-gone' });
    expect(await names()).toEqual([]);
  });

  it('nor where that is only seen when it was to be deleted', async () => {
    const set = injection(faults.latency('100ms'));
    await port.inject(set);
    await toxiproxy.call('DELETE', '/proxies/web');
    // Mute while it is read, back when the next step is taken.
    process.kill(toxiproxy.pid, 'SIGSTOP');
    const removing = port.undo(set);
    await sleep(callTimeoutMs + 500);
    process.kill(toxiproxy.pid, 'SIGCONT');
    expect(await removing).toEqual({ done: true, step: 'already-gone' });
    expect(await names()).toEqual([]);
  });

  it('and that an earlier attempt of ours deleted is put back, with the toxics of others', async () => {
    const attributes = { latency: 3, jitter: 0 };
    await toxiproxy.call('POST', '/proxies/web/toxics', { name: 'foreign', type: 'latency', attributes });
    let lying = true;
    await using liar = await startLiar(
      toxiproxy.url,
      (method, path) =>
        lying &&
        ((method === 'DELETE' && path.includes('/toxics/')) || path === '/proxies') &&
        method !== 'GET',
    );
    const lied = toxiproxyFaults(liar.url);
    const set = injection(faults.latency('100ms'));
    await lied.inject(set);
    const told: string[] = [];
    const first = await lied.undo(set, async ({ name }) => void told.push(name));
    expect(first).toMatchObject({ done: false, tried: [/still there/, /recreate proxy/].map(like) });
    expect([told, await names()]).toEqual([['web'], []]);
    lying = false;
    expect(await lied.undo(set)).toEqual({ done: true, step: 'proxy-recreated' });
    expect(await proxy('web')).toMatchObject({ enabled: true, toxics: [{ name: 'foreign' }] });
    // Once it is back, it is its owner's again.
    await toxiproxy.call('DELETE', '/proxies/web');
    expect(await lied.undo(set)).toEqual({ done: true, step: 'already-gone' });
    expect(await names()).toEqual([]);
  });

  it('and that a dead runner had deleted is put back by its guard', async () => {
    const [web] = await port.list();
    await toxiproxy.call('DELETE', '/proxies/web');
    const guards = toxiproxyFaults(toxiproxy.url, { known: web ? [web] : [], deleted: web ? [web] : [] });
    const set = injection(faults.latency('100ms'));
    expect(await guards.undo(set)).toEqual({ done: true, step: 'proxy-recreated' });
    expect(await proxy('web')).toMatchObject({ enabled: true, listen: web?.listen, toxics: [] });
  });

  it('and that somebody puts back first is theirs', async () => {
    const [web] = await port.list();
    const attributes = { latency: 3, jitter: 0 };
    const earlier = {
      name: 'earlier',
      type: 'latency',
      stream: 'downstream',
      toxicity: 1,
      attributes,
    } as const;
    const guards = toxiproxyFaults(toxiproxy.url, { deleted: web ? [{ ...web, toxics: [earlier] }] : [] });
    expect(await guards.undo(injection(faults.latency('100ms')))).toMatchObject({ step: 'already-gone' });
    expect(await proxy('web')).toMatchObject({ enabled: true, toxics: [] });
  });
});

const like = (pattern: RegExp): unknown => expect.stringMatching(pattern);

describe('a Toxiproxy that only claims to have done it', () => {
  it('is not believed about an undo: the next step is taken', async () => {
    await using liar = await startLiar(
      toxiproxy.url,
      (method, path) => method === 'DELETE' && path.includes('/toxics/'),
    );
    const lied = toxiproxyFaults(liar.url);
    const set = injection(faults.latency('100ms'));
    await lied.inject(set);
    expect(await lied.undo(set)).toEqual({ done: true, step: 'proxy-recreated' });
    expect(await proxy('web')).toMatchObject({ enabled: true, toxics: [] });
  });

  it('is not believed about anything: the undo says what was tried', async () => {
    await using liar = await startLiar(toxiproxy.url, (method) => method === 'DELETE');
    const lied = toxiproxyFaults(liar.url);
    const set = injection(faults.latency('100ms'));
    await lied.inject(set);
    const undone = await lied.undo(set);
    expect(undone).toMatchObject({ done: false, why: 'left' });
    expect('tried' in undone && undone.tried.join('\n')).toMatch(
      /delete toxics: still there[\s\S]*recreate proxy/,
    );
  });
});

describe('a Toxiproxy that answers nothing', () => {
  it('is told from one that answers and from one that has ended', async () => {
    const set = injection(faults.latency('100ms'));
    await port.inject(set);
    process.kill(toxiproxy.pid, 'SIGSTOP');
    const silent = await port.undo(set);
    process.kill(toxiproxy.pid, 'SIGCONT');
    expect(silent).toMatchObject({ done: false, why: 'silent' });
    expect(await port.undo(set)).toMatchObject({ done: true });
    await using ended = await startToxiproxy();
    const gone = toxiproxyFaults(ended.url);
    await ended[Symbol.asyncDispose]();
    expect(await gone.undo(set)).toEqual({ done: true, step: 'server-gone' });
  });
});

describe('the lease', () => {
  it('is held by one of many who want it at the same time', async () => {
    const wanting = Array.from({ length: 12 }, (_, n) => toxiproxyFaults(toxiproxy.url).lease(`run${n}`));
    const outcomes = await Promise.allSettled(wanting);
    const held = outcomes.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    const refused = outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    expect(held).toHaveLength(1);
    expect(refused.every((error) => error.code === 'target-leased' && error.exitCode === 3)).toBe(true);
    await held[0]?.[Symbol.asyncDispose]();
    expect((await port.list()).map(({ name }) => name)).toEqual(['web']);
  });

  it('is taken over by one of many when it has expired', async () => {
    const expired = { run: 'dead', expiresAt: Date.now() - 60_000 };
    await create(leaseProxy, upstreamOf(expired));
    const wanting = Array.from({ length: 12 }, (_, n) => toxiproxyFaults(toxiproxy.url).lease(`run${n}`));
    const outcomes = await Promise.allSettled(wanting);
    const held = outcomes.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    expect(held).toHaveLength(1);
    const [lease] = held;
    const listed = (await port.list()).find(({ name }) => name === leaseProxy);
    expect(listed?.upstream).toContain(`run-${lease?.holder.run}.`);
    expect((await port.list()).some(({ name }) => name === takeoverProxy(expired))).toBe(false);
    await lease?.[Symbol.asyncDispose]();
  });

  it('tells its holder when someone else has it', async () => {
    const lease = await port.lease('mine');
    await toxiproxy.call('DELETE', `/proxies/${leaseProxy}`);
    await create(leaseProxy, upstreamOf({ run: 'other', expiresAt: Date.now() + 60_000 }));
    await expect.poll(() => lease.lost.aborted).toBe(true);
    await lease[Symbol.asyncDispose]();
    expect((await port.list()).map(({ name }) => name)).toContain(leaseProxy);
  });
});

const create = (name: string, to: string) =>
  toxiproxy.call('POST', '/proxies', { name, listen: '127.0.0.1:0', upstream: to, enabled: false });

describe('siaga chaos heal', () => {
  beforeEach(async () => {
    await toxiproxy.call('POST', '/proxies/web/toxics', {
      name: 'foreign',
      type: 'latency',
      attributes: { latency: 3 },
    });
  });

  it('undoes what a dead run left, says so, and leaves the toxics of others', async () => {
    await port.inject(injection(faults.latency('100ms')));
    await port.inject(
      injection(faults.down(), { owner: { run: 'run1', n: 2, expiresAt: Date.now() + 60_000 } }),
    );
    const { code, stdout } = await heal();
    expect(stdout).toContain('undone  toxic on web (run run1');
    expect(stdout).toContain('undone  disabled proxy web (run run1');
    expect(code).toBe(0);
    expect(await proxy('web')).toMatchObject({ enabled: true, toxics: [{ name: 'foreign' }] });
  });

  it('leaves a run alone that holds its lease, unless forced', async () => {
    await create(leaseProxy, upstreamOf({ run: 'run1', expiresAt: Date.now() + 30_000 }));
    await port.inject(injection(faults.down()));
    const left = await heal();
    expect(left).toMatchObject({ code: 3, stdout: expect.stringContaining('its run may be alive') });
    expect(await proxy('web')).toMatchObject({ enabled: false });
    expect(await heal('--force', '--run', 'run1')).toMatchObject({ code: 0 });
    expect(await proxy('web')).toMatchObject({ enabled: true });
    expect((await port.list()).map(({ name }) => name)).toEqual(['web']);
  });

  it('touches only the run it is told to', async () => {
    const other = { run: 'other', n: 1, expiresAt: Date.now() + 60_000 };
    await port.inject(injection(faults.latency('5ms')));
    await port.inject(injection(faults.latency('6ms'), { owner: other }));
    await heal('--run', 'run1');
    expect((await proxy('web')).toxics.map(({ name }) => name).toSorted()).toEqual([
      'foreign',
      nameOf(other, 'whole'),
    ]);
  });

  it('says where nothing is left, and prints one envelope on request', async () => {
    expect(await heal()).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('nothing of ours is left'),
    });
    const { stdout } = await heal('--json');
    expect(JSON.parse(stdout)).toMatchObject({
      command: 'chaos heal',
      verdict: 'passed',
      exitCode: 0,
      undone: [],
      held: [],
    });
  });
});

describe('the janitor beside Toxiproxy', () => {
  it('undoes what expires and what has no lease, and nothing else', async () => {
    const janitor = spawn(process.execPath, ['src/guard.ts', '--janitor', '--toxiproxy', toxiproxy.url], {
      cwd: root,
      stdio: 'ignore',
    });
    try {
      await create(leaseProxy, upstreamOf({ run: 'alive', expiresAt: Date.now() + 300_000 }));
      await toxiproxy.call('POST', '/proxies/web/toxics', {
        name: 'foreign',
        type: 'latency',
        attributes: { latency: 3 },
      });
      const living = { run: 'alive', n: 1, expiresAt: Date.now() + 300_000 };
      await port.inject(injection(faults.latency('5ms'), { owner: living }));
      await port.inject(
        injection(faults.latency('6ms'), { owner: { run: 'dead', n: 1, expiresAt: Date.now() + 300_000 } }),
      );
      const toxics = async () => (await proxy('web')).toxics.map(({ name }) => name).toSorted();
      await expect.poll(toxics).toEqual(['foreign', nameOf(living, 'whole')]);
    } finally {
      janitor.kill();
    }
  });
});

async function heal(...flags: string[]) {
  const args = ['src/main.ts', 'chaos', 'heal', '--toxiproxy', toxiproxy.url, '-C', '/nowhere', ...flags];
  const done = await run(process.execPath, args, { cwd: root }).catch(
    (error: { code: number; stdout: string }) => error,
  );
  return { code: 'code' in done ? done.code : 0, stdout: done.stdout };
}
