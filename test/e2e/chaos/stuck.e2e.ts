import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStore } from '../../../src/store/store.ts';
import { holdFlood, startFlood } from '../../support/chaos/flood.ts';
import type { Flood } from '../../support/chaos/flood.ts';
import { experimentText } from '../../support/rig/experiments.ts';
import { setUpRig } from '../../support/rig/rig.ts';
import type { Rig } from '../../support/rig/rig.ts';

let rig: Rig;
let dependency: Flood;
beforeAll(async () => {
  rig = await setUpRig();
  dependency = await startFlood(100);
  const text = experimentText({
    name: 'spare',
    hypothesis: 'Nobody notices',
    proxy: 'spare',
    fault: "latency('500ms')",
    for: '20s',
  });
  rig.checkout.write('chaos/spare.ts', text);
});
afterAll(async () => {
  await dependency[Symbol.asyncDispose]();
  await rig[Symbol.asyncDispose]();
});

const spare = `spare: { probe: { kind: 'http', path: '/price' }, calls: calls('coinapi') },\n    okx: { probe`;
const foreign = {
  name: 'foreign',
  type: 'latency',
  stream: 'upstream',
  attributes: { latency: 1, jitter: 0 },
};

it('a Toxiproxy that answers nothing any more is restarted by the guard, where it is ours', async () => {
  using _spare = rig.checkout.patch('siaga.config.ts', 'okx: { probe', spare);
  const { toxiproxy } = await rig.status();
  const proxy = { name: 'spare', listen: '127.0.0.1:0', upstream: dependency.address, enabled: true };
  await rig.toxiproxy('POST', '/proxies', proxy);
  await rig.toxiproxy('POST', '/proxies/coinapi/toxics', foreign);
  const { listen } = (await (await fetch(`${toxiproxy}/proxies/spare`)).json()) as { listen: string };

  const run = rig.start(['chaos', 'run', 'spare'], { direct: true });
  await run.until('fault.injected');
  using _flood = holdFlood(listen);
  await dependency.isHeld();
  const [toxic] = (await (await fetch(`${toxiproxy}/proxies/spare/toxics`)).json()) as { name: string }[];
  // Neither is answered: the removal waits for the connection that does not read, and everything for the removal.
  const hung = fetch(`${toxiproxy}/proxies/spare/toxics/${toxic?.name}`, { method: 'DELETE' }).catch(
    () => undefined,
  );
  await sleep(500);
  const [host = '', port = ''] = listen.split(':');
  const late = createConnection({ host, port: Number(port) }).on('error', () => undefined);
  await sleep(500);

  run.killGroup('SIGKILL');
  await run.ended;
  const ask = async (path: string): Promise<unknown> =>
    (await fetch(`${toxiproxy}/proxies/${path}`, { signal: AbortSignal.timeout(1_000) })).json();
  await expect
    .poll(() => ask('spare').catch(() => 'no answer'))
    .toMatchObject({ listen, enabled: true, toxics: [] });
  late.destroy();
  await hung;
  expect(await ask('coinapi/toxics')).toMatchObject([{ name: 'foreign' }]);
  await expect.poll(() => rig.expectClean().then(() => 'clean')).toBe('clean');
  const { api } = await rig.status();
  expect((await fetch(`${api}/api/sol/complete`)).status).toBe(200);

  const store = openStore(join(rig.checkout.dir, '.siaga', 'siaga.db'));
  const removed = store.read({ types: ['fault.removed'] }).map(({ data }) => data);
  store.close();
  expect(removed).toMatchObject([{ proxy: 'spare', by: 'guard', rung: 'server-restarted' }]);
});
