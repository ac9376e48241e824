import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { defineExperiment } from '../../../src/chaos/definition.ts';
import type { AnyExperiment, ProcessFault } from '../../../src/chaos/definition.ts';
import { answers, state } from '../../../src/chaos/expect/answers.ts';
import { within } from '../../../src/chaos/expect/modes.ts';
import { frozen, killed } from '../../../src/chaos/faults.ts';
import { runExperiment } from '../../../src/chaos/experiment-run.ts';
import type { EventType } from '../../../src/event/catalogue.ts';
import { expectWithin } from '../../support/late.ts';
import { type ApartDependency, startApart } from '../../support/chaos/apart.ts';
import { killAt, removedIn, told } from '../../support/chaos/killed.ts';
import { startShop } from '../../support/chaos/shop.ts';
import { price, setStage, type Stage } from '../../support/chaos/stage.ts';
import { type RunningToxiproxy, startToxiproxy } from '../../support/chaos/toxiproxy.ts';

const runs = /^[DRS]$/;

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'siaga-process-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const breaking = (fault: ProcessFault): AnyExperiment =>
  defineExperiment({
    name: 'source-stopped',
    requirements: [],
    hypothesis: 'without its source the shop answers from its fallback, and says so',
    target: { name: 'shop', proxies: { source: {} }, processes: { source: {} } },
    steadyState: [price],
    load: { scenario: 'none', rate: 1 },
    faults: [{ process: 'source', fault, for: '4s' }],
    expects: [],
    during: [within('2s', answers(price, { degraded: true, source: 'fallback' }))],
    after: [within('5s', state('degraded').is(false))],
  });

interface Site {
  readonly toxiproxy: RunningToxiproxy;
  readonly source: ApartDependency;
  readonly shop: string;
}

async function openSite(): Promise<Site> {
  const stack = new AsyncDisposableStack();
  onTestFinished(() => stack.disposeAsync());
  const source = stack.use(await startApart(100));
  const toxiproxy = stack.use(await startToxiproxy());
  const listen = await toxiproxy.proxy('source', source.address);
  const shop = stack.use(await startShop({ source: listen, fallback: { price: 101 } }));
  return { toxiproxy, source, shop: shop.url };
}

async function stageOf({ toxiproxy, source, shop }: Partial<Site> & Omit<Site, 'toxiproxy'>): Promise<Stage> {
  const processes = { source: source.process };
  const stage = await setStage({ ...(toxiproxy && { toxiproxy: toxiproxy.url }), shop, processes });
  onTestFinished(() => stage[Symbol.asyncDispose]());
  return stage;
}

/** Resolves with what `look` finds at the first event of this type. */
const atFirst = <T>({ journal }: Stage, type: EventType, look: () => T): Promise<Awaited<T>> =>
  new Promise((resolve, reject) => {
    const stop = journal.subscribe((event) => {
      if (event.type !== type) return;
      stop();
      Promise.resolve(look()).then(resolve, reject);
    });
  });

describe('a process of the target', () => {
  it.each([
    ['frozen', frozen(), 'stopped', 'continued'],
    ['killed', killed(), 'ended', 'restarted'],
  ] as const)('is %s, which is proven, and runs again afterwards', async (kind, fault, found, rung) => {
    const site = await openSite();
    const stage = await stageOf(site);
    const before = site.source.running();
    const inProxies = atFirst(stage, 'fault.proof', () => site.toxiproxy.call('GET', '/proxies'));

    const { verdict, reasons } = await runExperiment(breaking(fault), stage.context);

    expect([verdict, reasons]).toEqual(['held', []]);
    const events = stage.journal.events();
    expect(told(events, 'fault.planned')).toMatchObject([{ driver: 'process', proxy: 'source', kind }]);
    expect(told(events, 'fault.injected')).toMatchObject([{ readBack: { pid: before?.pid, state: found } }]);
    expect(told(events, 'fault.proof')).toMatchObject([
      { proven: true, through: { n: 5, failed: 5 }, past: { n: 5, failed: 0 } },
    ]);
    expect(told(events, 'fault.removed')).toMatchObject([{ by: 'runner', rung }]);
    expect((await inProxies).body).toMatchObject({ source: { enabled: true, toxics: [] } });
    expect(site.source.state()).toMatch(runs);
    expect(site.source.running()?.pid === before?.pid).toBe(kind === 'frozen');
  });

  it('that somebody lets go on is a fault that somebody else ended', async () => {
    const site = await openSite();
    const stage = await stageOf(site);
    const lettingGo = atFirst(stage, 'fault.proof', () => {
      process.kill(site.source.running()?.pid ?? 0, 'SIGCONT');
    });

    const { verdict, reasons } = await runExperiment(breaking(frozen()), stage.context);
    await lettingGo;
    expect(verdict).toBe('inconclusive');
    expect(reasons[0]).toContain('someone else changed fault-1 while it was on');
  });

  it('is left alone where the target does not allow it by name', async () => {
    const site = await openSite();
    const { context } = await stageOf(site);
    const { chaos: _, ...target } = context.target;
    const running = runExperiment(breaking(killed()), { ...context, target });
    await expect(running).rejects.toMatchObject({ code: 'chaos-forbidden', exitCode: 2 });
    expect(site.source.state()).toMatch(runs);
  });
});

/** The same system with no Toxiproxy anywhere. */
async function openBareSite(): Promise<Omit<Site, 'toxiproxy'>> {
  const stack = new AsyncDisposableStack();
  onTestFinished(() => stack.disposeAsync());
  const source = stack.use(await startApart(100));
  const shop = stack.use(await startShop({ source: source.address, fallback: { price: 101 } }));
  return { source, shop: shop.url };
}

describe('on a target without a Toxiproxy', () => {
  it('a process is frozen, which is proven, and goes on afterwards; the right to it stands in the events', async () => {
    const site = await openBareSite();
    const stage = await stageOf(site);
    const { verdict, reasons } = await runExperiment(breaking(frozen()), stage.context);
    expect([verdict, reasons]).toEqual(['held', []]);
    const events = stage.journal.events();
    expect(told(events, 'fault.proof')).toMatchObject([{ proven: true }]);
    expect(told(events, 'fault.removed')).toMatchObject([{ by: 'runner', rung: 'continued' }]);
    const leases = told(events, 'drill.lease').map((lease) => lease.state);
    expect([leases[0], leases.at(-1)]).toEqual(['taken', 'released']);
    expect(leases.filter((each) => each === 'taken')).toHaveLength(1);
    expect(site.source.state()).toMatch(runs);
  });

  it('one that was frozen goes on after SIGKILL of the runner and its whole process group', async () => {
    const { source, shop } = await openBareSite();
    const store = join(folder, 'bare.db');
    await killAt('fault.injected', 0, ['', shop, 'bare', `frozen at ${source.address}`, store]);
    await expectWithin(2_000, performance.now(), () => expect(source.state()).toMatch(runs));
    await expect.poll(() => removedIn(store, 'bare')).toMatchObject([{ fault: 'fault-1', by: 'guard' }]);
  });
});

describe('after SIGKILL of the runner and its whole process group', () => {
  it.each([
    ['frozen', 'fault.injected', 0],
    ['frozen', 'fault.proof', 200],
    ['frozen', 'fault.planned', 0],
    ['killed', 'fault.injected', 100],
  ] as const)('a process that was %s, %s and %d ms before, runs again', async (kind, line, ms) => {
    const { toxiproxy, source, shop } = await openSite();
    const run = `${kind}-${line}-${ms}`;
    const store = join(folder, `${run}.db`);

    await killAt(line, ms, [toxiproxy.url, shop, run, `${kind} at ${source.address}`, store]);

    await expectWithin(2_000, performance.now(), () => expect(source.state()).toMatch(runs));
    await expect
      .poll(async () => (await toxiproxy.call('GET', '/proxies')).body)
      .toEqual({ source: expect.objectContaining({ enabled: true, toxics: [] }) });
    const expected = { fault: 'fault-1', proxy: 'source', by: 'guard' };
    await expect.poll(() => removedIn(store, run)).toMatchObject([expected]);
  });
});
