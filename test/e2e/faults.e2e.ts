import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EventType } from '../../src/event/catalogue.ts';
import type { PartName } from '../../launcher/system/state.ts';
import { startToxiproxy } from '../support/chaos/toxiproxy.ts';
import type { RunningToxiproxy } from '../support/chaos/toxiproxy.ts';
import { expectBy } from '../support/late.ts';
import { experimentText } from '../support/rig/experiments.ts';
import { startInterceptor } from '../support/rig/interceptor.ts';
import type { Answer, Interceptor, Rule } from '../support/rig/interceptor.ts';
import { oursIn, processesNaming, setUpRig } from '../support/rig/rig.ts';
import type { Rig } from '../support/rig/rig.ts';
import { envelopeOf, errorIn, experimentIn } from '../support/rig/siaga.ts';
import type { Ended } from '../support/rig/siaga.ts';
import { smallDisk } from '../support/rig/small-disk.ts';

const brief = experimentText({
  name: 'brief',
  hypothesis: 'Two seconds without CoinAPI',
  proxy: 'coinapi',
  fault: 'down()',
  for: '2s',
  expects: ['provider.health', 'provider.latency', 'breaker.state'],
});

/** How an experiment ended, by everything that says so. */
function ending(ended: Ended) {
  const envelope = envelopeOf(ended);
  const { verdict, reasons } = experimentIn(envelope);
  return { exitCode: envelope.exitCode, verdict, reasons, reason: envelope.reason };
}

/** One more proxy of the target, and whose calls are said to be those through it. */
const spare = (calls: string): string =>
  `spare: { probe: { kind: 'http', path: '/health' }, calls: calls('${calls}') },\n    okx: { probe:`;

describe('siaga chaos run', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await setUpRig();
    rig.checkout.write('chaos/brief.ts', brief);
  });
  afterAll(() => rig[Symbol.asyncDispose]());
  beforeEach(() => rig.forget());

  const begin = (...names: readonly string[]) => rig.start(['chaos', 'run', ...names], { direct: true });
  const pidOf = async (part: PartName | 'k6'): Promise<number> => {
    const k6 = processesNaming(rig.checkout.dir).find(({ command }) => command.includes('.k6.json'));
    return (part === 'k6' ? k6?.pid : (await rig.status()).pids[part]) ?? 0;
  };

  it.each([
    ['k6', 3, 'inconclusive', 'the load ended (k6-killed: k6 got k6 was killed (SIGKILL)'],
    ['redis', 1, 'weakness', 'redis.up fired (max 0 '],
    ['postgres', 1, 'weakness', 'db.up fired (max 0 '],
    ['api', 1, 'weakness', ' fired ('],
  ] as const)(
    'whose %s is killed in mid-fault ends with exit %d, %s',
    async (part, exitCode, verdict, reason) => {
      const run = begin('provider-down');
      await run.until('fault.proof');
      process.kill(await pidOf(part), 'SIGKILL');
      const found = ending(await run.ended);
      if (part !== 'k6') await rig.restart(part);
      await rig.expectClean();
      expect(found).toMatchObject({ exitCode, verdict });
      expect(found.reasons[0]).toContain(reason);
    },
  );

  it('whose Toxiproxy is killed in mid-fault has lost its faults with it: inconclusive', async () => {
    const run = begin('provider-down');
    await run.until('fault.proof');
    process.kill(await pidOf('toxiproxy'), 'SIGKILL');
    const found = ending(await run.ended);
    await rig.restart('toxiproxy');
    expect(found).toMatchObject({ exitCode: 3, verdict: 'inconclusive' });
    expect(found.reasons.join('; ')).toContain('Toxiproxy');
    await expect.poll(() => rig.expectClean().then(() => 'clean')).toBe('clean');
  });

  it('whose fault is removed by someone else proves nothing', async () => {
    const run = begin('provider-down');
    await run.until('fault.proof');
    expect(await rig.toxiproxy('POST', '/proxies/coinapi', { enabled: true })).toBe(200);
    expect(ending(await run.ended)).toMatchObject({
      exitCode: 3,
      verdict: 'inconclusive',
      reasons: ['someone else changed fault-1 while it was on: the proxy is enabled'],
    });
    await rig.expectClean();
  });

  it('holds its target against a second run, and heals on Ctrl-C', async () => {
    const run = begin('provider-down');
    await run.until('fault.injected');
    const second = envelopeOf(await begin('provider-down').ended);
    expect(second.exitCode).toBe(3);
    expect(errorIn(second)).toMatchObject({
      code: 'target-leased',
      what: expect.stringMatching(/^another run holds this target: .*provider-down/),
      hint: expect.stringMatching(/siaga(?:\.js| --) chaos heal/),
    });
    expect(await oursIn((await rig.status()).toxiproxy ?? '')).toContain('coinapi is disabled');
    run.kill('SIGINT');
    expect(ending(await run.ended)).toMatchObject({
      exitCode: 130,
      verdict: 'aborted',
      reasons: ['interrupted; everything was undone'],
    });
    await rig.expectClean();
  });

  it('of a target that is down breaks nothing', async () => {
    const env = { SIAGA_TARGET_URL: 'http://127.0.0.1:1' };
    const run = rig.start(['chaos', 'run', 'provider-down'], { env });
    const found = envelopeOf(await run.ended);
    expect(found.exitCode).toBe(3);
    expect(errorIn(found)).toMatchObject({
      what: expect.stringMatching(/^the system's own metrics could not be read; .*ECONNREFUSED/),
    });
    expect(run.events().some(({ type }) => type === 'fault.planned')).toBe(false);
    await rig.expectClean();
  });

  it('on a full disk heals, and says that its reports are missing', async () => {
    const full = join(rig.checkout.dir, 'full');
    mkdirSync(full);
    const args = ['chaos', 'run', 'brief', '--output', 'full'];
    const envelope = await rig.run(args, { direct: true, under: smallDisk(full) });
    expect(envelope).toMatchObject({ exitCode: 3, verdict: 'inconclusive' });
    expect(errorIn(envelope)).toMatchObject({ where: expect.stringContaining(rig.checkout.dir) });
    await rig.expectClean();
  });

  describe('with a fault on a proxy that nobody uses', () => {
    beforeAll(async () => {
      const { upstream = '' } = (await rig.status()).proxies.coinapi ?? {};
      const proxy = { name: 'spare', listen: '127.0.0.1:0', upstream, enabled: true };
      await rig.toxiproxy('POST', '/proxies', proxy);
      const text = experimentText({
        name: 'spare',
        hypothesis: 'Nobody notices',
        proxy: 'spare',
        fault: "latency('500ms')",
        for: '6s',
      });
      rig.checkout.write('chaos/spare.ts', text);
    });
    afterAll(() => rig.checkout.remove('chaos/spare.ts'));

    it.each([
      ['that the system never calls', 'spare', "no series of the system's metrics", 'aborted'],
      ['while the system goes another way', 'coinapi', 'they do not pass this proxy', 'inconclusive'],
    ])('%s: exit 3', async (_, calls, reason, verdict) => {
      using _spare = rig.checkout.patch('siaga.config.ts', 'okx: { probe:', spare(calls));
      const found = ending(await begin('spare').ended);
      await rig.expectClean();
      expect(found).toMatchObject({ exitCode: 3, verdict });
      expect(found.reasons[0]).toContain(reason);
    });
  });

  describe('killed with its whole process group', () => {
    const foreign = { name: 'foreign', type: 'latency', attributes: { latency: 1, jitter: 0 } };
    beforeAll(() => rig.toxiproxy('POST', '/proxies/coinapi/toxics', foreign));
    afterAll(() => rig.toxiproxy('DELETE', '/proxies/coinapi/toxics/foreign'));

    // Half of them anywhere, half where it hurts. The numbers are drawn anew each time.
    const count = Number(process.env['SIAGA_TEST_KILLS'] ?? 6);
    const acts: readonly EventType[] = ['fault.planned', 'fault.injected', 'fault.removed'];
    const moments = Array.from({ length: count }, (_, n) =>
      n % 2 === 0
        ? ({ n, after: 'run.started', ms: Math.round(Math.random() * 10_000) } as const)
        : ({
            n,
            after: acts[((n - 1) / 2) % 3] ?? 'run.started',
            ms: Math.round(Math.random() * 40),
          } as const),
    );

    it.each(moments)('$ms ms after $after leaves nothing ($n)', async ({ after, ms }) => {
      const run = begin('brief');
      await run.until(after);
      await sleep(ms);
      run.killGroup('SIGKILL');
      const killedAt = performance.now();
      expect(await run.ended).toMatchObject({ signal: 'SIGKILL' });
      await expectBy(2_000, killedAt, () => rig.expectClean());
      const { api, toxiproxy } = await rig.status();
      expect((await fetch(`${api}/api/sol/complete`)).status).toBe(200);
      const toxics = await fetch(`${toxiproxy}/proxies/coinapi/toxics`);
      expect(await toxics.json()).toMatchObject([{ name: 'foreign' }]);
    });
  });
});

describe('a Toxiproxy that lies', () => {
  let server: RunningToxiproxy;
  let liar: Interceptor;
  let rig: Rig;
  beforeAll(async () => {
    server = await startToxiproxy();
    liar = await startInterceptor({ upstream: server.url });
    rig = await setUpRig({ env: { SIAGA_TOXIPROXY: liar.url } });
    rig.checkout.write('chaos/brief.ts', brief);
  });
  afterAll(async () => {
    await rig[Symbol.asyncDispose]();
    await liar[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  beforeEach(() => rig.forget());

  it('about having set a fault is found out by reading it back', async () => {
    using _lie = liar.use(acceptsAndDrops());
    const found = ending(await rig.start(['chaos', 'run', 'brief'], { direct: true }).ended);
    await rig.expectClean();
    expect(found.exitCode).toBe(3);
    expect(found.reasons[0]).toContain('the fault on coinapi did not read back as it was set');
  });

  it('about that and about what reads back is found out by the proof', async () => {
    using _lie = liar.use(acceptsDropsAndPretends());
    const found = ending(await rig.start(['chaos', 'run', 'brief'], { direct: true }).ended);
    await rig.expectClean();
    expect(found).toMatchObject({ exitCode: 3, verdict: 'inconclusive' });
    expect(found.reasons[0]).toContain('fault-1 on coinapi is not proven: 5 of 5 probes got through it');
  });
});

const json = (status: number, body: object): Answer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(JSON.stringify(body)),
});

/** Says yes to everything that changes the proxy, and changes nothing. */
function acceptsAndDrops(): Rule {
  return {
    instead: ({ method, path, body }) =>
      method === 'POST' && path.startsWith('/proxies/coinapi')
        ? json(200, JSON.parse(body.toString()) as object)
        : undefined,
  };
}

interface WireProxy {
  readonly name: string;
  readonly enabled: boolean;
  readonly toxics: readonly object[];
}

/** As above, and shows what it was told as if it had done it. */
function acceptsDropsAndPretends(): Rule {
  const toxics = new Map<string, object>();
  let enabled = true;
  const pretend = (proxy: WireProxy): WireProxy =>
    proxy.name === 'coinapi'
      ? { ...proxy, enabled: proxy.enabled && enabled, toxics: [...proxy.toxics, ...toxics.values()] }
      : proxy;
  return {
    instead({ method, path, body }) {
      if (method === 'DELETE' && toxics.delete(decodeURIComponent(path.split('/').at(-1) ?? '')))
        return json(204, {});
      if (method !== 'POST' || !path.startsWith('/proxies/coinapi')) return undefined;
      const told = JSON.parse(body.toString()) as { name: string; enabled?: boolean };
      if (path.endsWith('/toxics')) toxics.set(told.name, told);
      else enabled = told.enabled ?? enabled;
      return json(200, told);
    },
    answer(answer, { method, path }) {
      if (method !== 'GET' || !/^\/proxies(\/coinapi)?$/.test(path)) return answer;
      const found = JSON.parse(answer.body.toString()) as WireProxy & Readonly<Record<string, WireProxy>>;
      const shown =
        path === '/proxies'
          ? Object.fromEntries(Object.entries(found).map(([name, proxy]) => [name, pretend(proxy)]))
          : pretend(found);
      return json(answer.status, shown);
    },
  };
}
