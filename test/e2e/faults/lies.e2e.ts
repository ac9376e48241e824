import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startToxiproxy } from '../../support/chaos/toxiproxy.ts';
import type { RunningToxiproxy } from '../../support/chaos/toxiproxy.ts';
import { startInterceptor } from '../../support/rig/interceptor.ts';
import type { Answer, Interceptor, Rule } from '../../support/rig/interceptor.ts';
import { setUpRig } from '../../support/rig/rig.ts';
import type { Rig } from '../../support/rig/rig.ts';

import { brief, ending } from '../../support/rig/brief.ts';
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
