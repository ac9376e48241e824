import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type AnyExperiment, defineExperiment } from '../../../src/chaos/definition.ts';
import { type AnyOwnFault, own } from '../../../src/chaos/own-fault.ts';
import { runExperiment } from '../../../src/chaos/experiment-run.ts';
import spoolFull from '../../projects/own/faults/spool-full.ts';
import { killAt, removedIn, told } from '../../support/chaos/killed.ts';
import { startDependency, startShop } from '../../support/chaos/shop.ts';
import { price, setStage } from '../../support/chaos/stage.ts';
import { startToxiproxy } from '../../support/chaos/toxiproxy.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'siaga-own-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function openSite() {
  const stack = new AsyncDisposableStack();
  onTestFinished(() => stack.disposeAsync());
  const toxiproxy = stack.use(await startToxiproxy());
  const dependency = stack.use(await startDependency(100));
  const shop = stack.use(await startShop({ source: dependency.address }));
  return { toxiproxy, shop };
}

const breaking = (definition: AnyOwnFault): AnyExperiment =>
  defineExperiment({
    name: 'spool-full',
    requirements: [],
    hypothesis: 'orders are refused, and prices still told',
    target: { name: 'shop', proxies: {} },
    steadyState: [price],
    load: { scenario: 'none', rate: 1 },
    faults: [{ fault: own(definition, { folder, bytes: 1_000 }), for: '2s' }],
    expects: [],
    during: [],
    after: [],
  });

async function run(definition: AnyOwnFault) {
  const { toxiproxy, shop } = await openSite();
  await using stage = await setStage({ toxiproxy: toxiproxy.url, shop: shop.url });
  const { verdict, reasons } = await runExperiment(breaking(definition), stage.context);
  return { verdict, reasons, events: stage.journal.events() };
}

it('a fault of the project is proven by its own confirm, held, and undone', async () => {
  const { verdict, reasons, events } = await run(spoolFull);
  expect([verdict, reasons]).toEqual(['held', []]);
  expect(told(events, 'fault.planned')).toMatchObject([
    { driver: 'own', kind: 'spool-full', proxy: 'spool-full', attributes: { bytes: 1_000 } },
  ]);
  expect(told(events, 'fault.proof')).toMatchObject([
    { proven: true, why: 'its own confirm says that it is there' },
  ]);
  expect(told(events, 'fault.removed')).toMatchObject([{ by: 'runner', rung: 'undone' }]);
  expect(readdirSync(folder)).toEqual([]);
});

const hangs = (): Promise<never> => new Promise(() => undefined);
const throws = (): never => {
  throw new Error('broken on purpose');
};

describe('a fault of the project that misbehaves breaks no run', () => {
  it.each<[string, Partial<AnyOwnFault>, string, string]>([
    ['whose plan throws', { plan: throws }, 'aborted', 'broken on purpose'],
    ['whose inject throws', { inject: throws }, 'aborted', 'broken on purpose'],
    ['whose inject hangs', { inject: hangs, timeout: '300ms' }, 'aborted', 'no answer within'],
    ['whose confirm says nonsense', { confirm: () => 'yes' as never }, 'aborted', 'did not do its part'],
    ['whose undo throws', { undo: throws }, 'rollback-failed', 'fault-1 on spool-full could not be undone'],
  ])('one %s', async (_, over, expected, why) => {
    const { verdict, reasons } = await run({ ...spoolFull, ...over });
    expect([verdict, reasons[0]]).toEqual([expected, expect.stringContaining(why)]);
    expect(readdirSync(folder)).toEqual(verdict === 'rollback-failed' ? ['filled-by-siaga'] : []);
  });
});

it('is undone by the guard after SIGKILL of the runner and its whole process group', async () => {
  const { toxiproxy, shop } = await openSite();
  await toxiproxy.proxy('source', '127.0.0.1:1');
  const store = join(folder, 'events.db');
  await killAt('fault.injected', 100, [toxiproxy.url, shop.url, 'own', `spool-full at ${folder}`, store]);
  await expect.poll(() => readdirSync(folder)).not.toContain('filled-by-siaga');
  await expect
    .poll(() => removedIn(store, 'own'))
    .toMatchObject([{ fault: 'fault-1', proxy: 'spool-full', by: 'guard' }]);
});
