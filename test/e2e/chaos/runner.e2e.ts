import { describe, test } from 'vitest';
import { defineExperiment } from '../../../src/chaos/definition.ts';
import { drillInEvents } from '../../../src/chaos/active-drill.ts';
import type { ActiveDrill } from '../../../src/chaos/active-drill.ts';
import type { AnyExperiment, FaultPlan } from '../../../src/chaos/definition.ts';
import { answers, state } from '../../../src/chaos/expect/answers.ts';
import { eventually, throughout, within } from '../../../src/chaos/expect/modes.ts';
import { down, latency } from '../../../src/chaos/faults.ts';
import { runExperiment } from '../../../src/chaos/experiment-run.ts';
import type { Catalogue, EventType } from '../../../src/event/catalogue.ts';
import type { Journal, SiagaEvent } from '../../../src/event/envelope.ts';
import { hasEnded } from '../../../src/tools/process.ts';
import { price, setStage } from '../../support/chaos/stage.ts';
import type { Stage, StageOptions } from '../../support/chaos/stage.ts';
import { startDependency, startShop } from '../../support/chaos/shop.ts';
import type { Running, ShopOptions } from '../../support/chaos/shop.ts';
import { startForward, startLiar } from '../../support/chaos/liar.ts';
import { startToxiproxy } from '../../support/chaos/toxiproxy.ts';
import type { RunningToxiproxy } from '../../support/chaos/toxiproxy.ts';

const target = { name: 'shop', proxies: { source: {}, unused: {} } };

const sourceDown = (over: Partial<AnyExperiment> = {}): AnyExperiment =>
  defineExperiment<string>({
    name: 'source-down',
    requirements: ['R30'],
    hypothesis: 'without its source the shop answers from its fallback, and says so',
    target,
    steadyState: [price],
    load: { scenario: 'none', rate: 1 },
    faults: [{ proxy: 'source', fault: down(), for: '3s' }],
    expects: [],
    during: [
      within('1s', answers(price, { degraded: true, source: 'fallback' })),
      throughout(answers(price, { degraded: true }), { settling: '500ms' }),
    ],
    after: [within('3s', state('degraded').is(false))],
    ...over,
  });

const slowFor = (length: '3s' | '5s'): FaultPlan => ({
  proxy: 'source',
  fault: latency('60ms'),
  for: length,
});

/** A shop's dependency behind a Toxiproxy of its own: each experiment has one, so that they run side by side. */
interface Site {
  readonly toxiproxy: RunningToxiproxy;
  readonly dependency: Running;
  /** Where the shop finds its source: the proxy. */
  readonly listen: string;
  stage(shop?: Partial<ShopOptions>, options?: Partial<StageOptions>): Promise<Stage>;
  /** Is closed with the site. */
  use<T extends AsyncDisposable>(part: T): T;
}

async function openSite(stack: AsyncDisposableStack): Promise<Site> {
  const toxiproxy = stack.use(await startToxiproxy());
  const dependency = stack.use(await startDependency(100));
  const listen = await toxiproxy.proxy('source', dependency.address);
  await toxiproxy.proxy('unused', dependency.address);
  return {
    toxiproxy,
    dependency,
    listen,
    async stage(shop = {}, options = {}) {
      const running = stack.use(await startShop({ source: listen, fallback: { price: 101 }, ...shop }));
      return stack.use(await setStage({ toxiproxy: toxiproxy.url, shop: running.url, ...options }));
    },
    use: (part) => stack.use(part),
  };
}

const it = test.extend<{ readonly site: Site }>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads which fixtures this one needs from the pattern
  site: async ({}, use) => {
    await using stack = new AsyncDisposableStack();
    await use(await openSite(stack));
  },
});

function told<T extends EventType>(journal: Journal, type: T): readonly Catalogue[T][] {
  return journal
    .events()
    .flatMap((event: SiagaEvent) => (event.type === type ? [event.data as Catalogue[T]] : []));
}

const settled = (journal: Journal, id: string) =>
  told(journal, 'expectation.settled').find(({ expectation }) => expectation === id);

async function proxiesLeft({ toxiproxy }: Site): Promise<unknown> {
  const { body } = await toxiproxy.call('GET', '/proxies');
  return Object.values(body as Record<string, { name: string; enabled: boolean; toxics: unknown[] }>)
    .map(({ name, enabled, toxics }) => ({ name, enabled, toxics: toxics.length }))
    .toSorted((a, b) => a.name.localeCompare(b.name));
}

const whole = [
  { name: 'source', enabled: true, toxics: 0 },
  { name: 'unused', enabled: true, toxics: 0 },
];

/** Waits for an event, then acts; a slip in the middle of a fault. */
function once(journal: Journal, type: EventType, act: () => unknown): void {
  const stop = journal.subscribe((event) => {
    if (event.type !== type) return;
    stop();
    void act();
  });
}

describe.concurrent('an experiment on a real Toxiproxy', () => {
  it('holds where the system falls back, says so, and returns', async ({ site, expect }) => {
    const { context, journal } = await site.stage();
    const finished = await runExperiment(sourceDown(), context);
    expect(finished).toMatchObject({ verdict: 'held', reasons: [] });
    expect(told(journal, 'fault.proof')).toMatchObject([
      { proven: true, through: { n: 5, failed: 5 }, past: { n: 5, failed: 0 } },
    ]);
    expect(told(journal, 'experiment.phase').map(({ phase }) => phase)).toEqual([
      'prepare',
      'steady-state',
      'method',
      'rollback',
      'recovery',
      'settled',
    ]);
    expect(await proxiesLeft(site)).toEqual(whole);
  });

  it('writes down that a drill is on from its lease to its end', async ({ site, expect }) => {
    const { context, journal } = await site.stage();
    const drill = () => drillInEvents(journal.events(), Date.now(), hasEnded);
    let meanwhile: ActiveDrill | undefined;
    once(journal, 'fault.proof', () => (meanwhile = drill()));
    await runExperiment(sourceDown(), context);
    expect(meanwhile).toMatchObject({ run: 'run1', experiment: 'source-down' });
    expect(drill()).toBeUndefined();
  });

  it('writes down what it is about to do before it does it', async ({ site, expect }) => {
    const { context, journal } = await site.stage();
    let plannedFirst = false;
    once(journal, 'fault.planned', () => (plannedFirst = told(journal, 'fault.injected').length === 0));
    await runExperiment(sourceDown(), context);
    const order = journal.events().flatMap(({ type }) => (type.startsWith('fault.') ? [type] : []));
    expect(order).toEqual(['fault.planned', 'fault.injected', 'fault.proof', 'fault.removed']);
    expect(plannedFirst).toBe(true);
  });

  it('finds a weakness where there is no fallback, and names what was got', async ({ site, expect }) => {
    const { context } = await site.stage();
    const without = await site.stage({ fallback: undefined as never }, { run: 'run2' });
    void context;
    const finished = await runExperiment(sourceDown(), without.context);
    expect(finished.verdict).toBe('weakness');
    expect(settled(without.journal, 'during.1')).toMatchObject({
      outcome: 'broken',
      path: 'status',
      got: 'status: 503',
    });
    expect(await proxiesLeft(site)).toEqual(whole);
  });

  it('finds a weakness where the fallback is not marked', async ({ site, expect }) => {
    const { context, journal } = await site.stage({ honest: false });
    const finished = await runExperiment(sourceDown(), context);
    expect(finished.verdict).toBe('weakness');
    expect(settled(journal, 'during.2')).toMatchObject({
      outcome: 'broken',
      path: 'states.degraded',
      got: 'degraded false',
    });
  });

  it('proves a latency by what it adds', async ({ site, expect }) => {
    const { context, journal } = await site.stage();
    const slow: FaultPlan = { proxy: 'source', fault: latency('200ms'), for: '4s' };
    const finished = await runExperiment(sourceDown({ faults: [slow], during: [] }), context);
    expect(finished.verdict).toBe('held');
    const [proof] = told(journal, 'fault.proof');
    expect((proof?.through.medianMs ?? 0) - (proof?.past.medianMs ?? 0)).toBeGreaterThan(160);
    expect(proof?.calls.during.meanMs).toBeGreaterThan(proof?.calls.before.meanMs ?? 0);
  });

  it('holds several faults at once, and takes each out at its own time', async ({ site, expect }) => {
    const { context, journal } = await site.stage();
    const finished = await runExperiment(
      sourceDown({ faults: [slowFor('5s'), slowFor('3s')], during: [] }),
      context,
    );
    expect(finished).toMatchObject({ verdict: 'held', reasons: [] });
    expect(told(journal, 'fault.proof').map(({ proven }) => proven)).toEqual([true, true]);
    expect(told(journal, 'fault.removed').map(({ fault }) => fault)).toEqual(['fault-2', 'fault-1']);
    expect(await proxiesLeft(site)).toEqual(whole);
  });

  it('lets an incident from before the fault recover, and begins once more', async ({ site, expect }) => {
    const { context, journal } = await site.stage();
    const transition = (change: object) =>
      journal.append({ type: 'incident.transition', data: { ...declared, change } as typeof declared });
    const stop = journal.subscribe((event) => {
      if (event.type !== 'expectation.settled') return;
      stop();
      transition(declared.change);
      setTimeout(() => transition({ kind: 'recovered', criteria: [], symptoms: {} }), 4_000);
    });
    const finished = await runExperiment(sourceDown(), context);
    expect(finished).toMatchObject({ verdict: 'held', reasons: [] });
    const phases = told(journal, 'experiment.phase').map(({ phase }) => phase);
    expect(phases.filter((phase) => phase === 'steady-state')).toHaveLength(2);
    expect(told(journal, 'fault.injected')).toHaveLength(1);
  });

  it('is a weakness when the system dies in the middle', async ({ site, expect }) => {
    const dying = await startShop({ source: site.listen, fallback: { price: 101 } });
    const set = await setStage({ toxiproxy: site.toxiproxy.url, shop: dying.url });
    site.use(set);
    once(set.journal, 'fault.proof', () => dying[Symbol.asyncDispose]());
    const finished = await runExperiment(sourceDown(), set.context);
    expect(finished.verdict).toBe('weakness');
    expect(settled(set.journal, 'during.2')).toMatchObject({
      outcome: 'broken',
      path: 'status',
      got: 'status: nothing',
    });
    expect(await proxiesLeft(site)).toEqual(whole);
  });

  it('is a weakness when the system does not come back in time', async ({ site, expect }) => {
    const { context, journal } = await site.stage();
    once(journal, 'fault.removed', () => site.dependency[Symbol.asyncDispose]());
    const finished = await runExperiment(sourceDown(), context);
    expect(finished.verdict).toBe('weakness');
    expect(settled(journal, 'after.1')).toMatchObject({ outcome: 'broken', got: 'true', allowed: 'false' });
  });
});

describe.concurrent('an experiment that cannot say', () => {
  it('is inconclusive on a proxy that nobody uses', async ({ site, expect }) => {
    // The system goes past the proxy: its counters move, the fault meets nobody.
    const { context, journal } = await site.stage({ source: site.dependency.address });
    const plan: FaultPlan = { proxy: 'unused', fault: down(), for: '3s' };
    const finished = await runExperiment(sourceDown({ faults: [plan], during: [] }), context);
    expect(finished.verdict).toBe('inconclusive');
    expect(finished.reasons[0]).toContain('do not pass this proxy');
    expect(told(journal, 'fault.proof')).toMatchObject([{ proven: false }]);
  });

  it('is inconclusive where someone else takes the toxic out', async ({ site, expect }) => {
    const { context, journal } = await site.stage();
    once(journal, 'fault.proof', async () => {
      const { body } = await site.toxiproxy.call('GET', '/proxies/source/toxics');
      const [toxic] = JSON.parse(String(body)) as { name: string }[];
      await site.toxiproxy.call('DELETE', `/proxies/source/toxics/${toxic?.name}`);
    });
    const slow: FaultPlan = { proxy: 'source', fault: latency('200ms'), for: '5s' };
    const finished = await runExperiment(sourceDown({ faults: [slow], during: [] }), context);
    expect(finished.verdict).toBe('inconclusive');
    expect(finished.reasons[0]).toContain('someone else changed fault-1 while it was on');
    expect(told(journal, 'fault.removed')).toMatchObject([{ by: 'someone else', rung: 'already-gone' }]);
  });

  it('is inconclusive where a toxic is accepted and not set', async ({ site, expect }) => {
    const liar = await startLiar(
      site.toxiproxy.url,
      (method, path) => method === 'POST' && path.endsWith('/toxics'),
    );
    site.use(liar);
    const { context, journal } = await site.stage({}, { toxiproxy: liar.url });
    const slow: FaultPlan = { proxy: 'source', fault: latency('200ms'), for: '4s' };
    const finished = await runExperiment(sourceDown({ faults: [slow], during: [] }), context);
    expect(finished.verdict).toBe('inconclusive');
    expect(finished.reasons[0]).toContain('did not read back as it was set');
    expect(told(journal, 'fault.injected')).toHaveLength(0);
  });

  it('is inconclusive where the system has found a way past the toxic', async ({ site, expect }) => {
    const { context } = await site.stage();
    // The proxy listens elsewhere now, and something else took its place.
    await site.toxiproxy.call('POST', '/proxies/source', { listen: '127.0.0.1:0' });
    const moved = await startForward(site.listen, site.dependency.address);
    site.use(moved);
    const slow: FaultPlan = { proxy: 'source', fault: latency('200ms'), for: '4s' };
    const finished = await runExperiment(sourceDown({ faults: [slow], during: [] }), context);
    expect(finished.verdict).toBe('inconclusive');
    expect(finished.reasons[0]).toContain('is not proven');
    expect(finished.reasons[0]).toContain('do not pass this proxy');
  });

  it('hostile 13: where Toxiproxy is killed in the middle nothing is left, and nothing can be said', async ({
    site,
    expect,
  }) => {
    const { context, journal } = await site.stage();
    once(journal, 'fault.proof', () => site.toxiproxy.kill());
    const finished = await runExperiment(
      sourceDown({ faults: [{ proxy: 'source', fault: down(), for: '6s' }] }),
      context,
    );
    expect(finished.verdict).toBe('inconclusive');
    expect(finished.reasons[0]).toContain('Toxiproxy');
    expect(told(journal, 'fault.stuck')).toHaveLength(0);
    expect(told(journal, 'fault.removed')).toMatchObject([{ by: 'someone else', rung: 'server-gone' }]);
  });

  it('hostile 2: what is measured while Toxiproxy stands still says nothing', async ({ site, expect }) => {
    const { context, journal } = await site.stage();
    // Without a fallback the system fails while its dependency cannot be reached, which is none of the fault's doing.
    once(journal, 'fault.proof', () => {
      process.kill(site.toxiproxy.pid, 'SIGSTOP');
      setTimeout(() => process.kill(site.toxiproxy.pid, 'SIGCONT'), 9_000);
    });
    const still = throughout(answers(price, { degraded: false }), { settling: '500ms' });
    const slow: FaultPlan = { proxy: 'source', fault: latency('60ms'), for: '12s' };
    const finished = await runExperiment(sourceDown({ faults: [slow], during: [still] }), context);
    expect(finished.verdict).toBe('inconclusive');
    expect(told(journal, 'toxiproxy.silent').length).toBeGreaterThan(0);
    expect(settled(journal, 'during.1')).toMatchObject({ outcome: 'unknown' });
    expect(await proxiesLeft(site)).toEqual(whole);
  });

  it('hostile 2: and while it stands still after the fault, too', async ({ site, expect }) => {
    const { context, journal } = await site.stage();
    once(journal, 'fault.removed', () => {
      process.kill(site.toxiproxy.pid, 'SIGSTOP');
      setTimeout(() => process.kill(site.toxiproxy.pid, 'SIGCONT'), 6_000);
    });
    const finished = await runExperiment(sourceDown(), context);
    expect(finished.verdict).toBe('inconclusive');
    expect(finished.reasons.join()).toContain('Toxiproxy did not answer');
  });

  it.for([
    ['on the proxy that is broken', 'source'],
    ['on another proxy of the system', 'unused'],
  ] as const)(
    'row 11: is inconclusive where someone else adds a toxic %s',
    async ([, proxy], { site, expect }) => {
      const { context, journal } = await site.stage();
      const foreign = { name: 'foreign', type: 'timeout', attributes: { timeout: 0 } };
      once(journal, 'fault.injected', () => site.toxiproxy.call('POST', `/proxies/${proxy}/toxics`, foreign));
      const slow: FaultPlan = { proxy: 'source', fault: latency('60ms'), for: '5s' };
      const still = throughout(answers(price, { degraded: false }));
      const finished = await runExperiment(sourceDown({ faults: [slow], during: [still] }), context);
      expect(finished.verdict).toBe('inconclusive');
      expect(finished.reasons[0]).toContain(`${proxy} reads as`);
      expect(finished.reasons[0]).toContain('toxic foreign (timeout timeout 0');
      expect(told(journal, 'fault.removed')).toMatchObject([{ by: 'runner' }]);
    },
  );

  it('row 11: a toxic that was there before, and stays, is part of the steady state', async ({
    site,
    expect,
  }) => {
    const foreign = { name: 'foreign', type: 'latency', attributes: { latency: 3, jitter: 0 } };
    await site.toxiproxy.call('POST', '/proxies/source/toxics', foreign);
    const { context } = await site.stage();
    expect(await runExperiment(sourceDown(), context)).toMatchObject({ verdict: 'held' });
  });

  it.for([
    ['ends before the steady state', 'load.finished'],
    ['stands still before the fault', 'load.silent'],
  ] as const)('hostile 1: injects nothing where the load %s', async ([, type], { site, expect }) => {
    const { context, journal } = await site.stage();
    journal.append({ type: 'load.started', data: loadStarted });
    once(journal, 'experiment.phase', () =>
      type === 'load.silent'
        ? journal.append({ type, data: { load: 'steady', sinceMs: Date.now() } })
        : journal.append({ type, data: loadFinished }),
    );
    const finished = await runExperiment(sourceDown(), context);
    expect(finished.verdict).toBe('inconclusive');
    expect(finished.reasons[0]).toMatch(/the load (ended|steady stands still)/);
    expect(told(journal, 'fault.planned')).toHaveLength(0);
  });

  it('hostile 1: undoes the fault where the load stands still under it', async ({ site, expect }) => {
    const { context, journal } = await site.stage();
    journal.append({ type: 'load.started', data: loadStarted });
    once(journal, 'fault.proof', () =>
      journal.append({ type: 'load.silent', data: { load: 'steady', sinceMs: Date.now() } }),
    );
    const finished = await runExperiment(sourceDown(), context);
    expect(finished).toMatchObject({ verdict: 'inconclusive' });
    expect(finished.reasons[0]).toContain('the load steady stands still');
    expect(await proxiesLeft(site)).toEqual(whole);
  });

  it('suspicious: a proven expectation that broke before the load ended is a weakness', async ({
    site,
    expect,
  }) => {
    const { context, journal } = await site.stage({ fallback: undefined as never });
    const broken = journal.subscribe((event) => {
      if (event.type !== 'expectation.settled' || event.data.outcome !== 'broken') return;
      broken();
      journal.append({ type: 'load.finished', data: loadFinished });
    });
    const finished = await runExperiment(sourceDown(), context);
    expect(finished.verdict).toBe('weakness');
    expect(finished.reasons[0]).toContain('price answers');
    expect(finished.reasons.at(-1)).toContain('the load ended');
  });
});

const contained = (over: Partial<AnyExperiment> = {}) =>
  sourceDown({
    prepare: { FALLBACK: 'off' },
    containment: { SAVING: 'on' },
    faults: [{ proxy: 'source', fault: down(), for: '8s', until: 'contained' }],
    expects: ['db.latency'],
    during: [eventually(answers(price, { degraded: true, source: 'fallback' }))],
    ...over,
  });

/** The incident engine in short: declared once proven, mitigated once contained, over once restored. */
function answerAsEngine(journal: Journal): void {
  const transition = (change: object) =>
    journal.append({ type: 'incident.transition', data: { ...declared, change } as typeof declared });
  once(journal, 'fault.proof', () => transition(declared.change));
  journal.subscribe((event) => {
    if (event.type !== 'toggle.applied') return;
    // As an engine does it, at the close of a bucket.
    if (event.data.purpose === 'contain')
      setTimeout(() => transition({ kind: 'mitigated', because: 'contained' }), 1_000);
    if (event.data.purpose === 'restore')
      setTimeout(() => transition({ kind: 'recovered', criteria: [], symptoms: {} }), 300);
  });
  once(journal, 'fault.removed', () =>
    setTimeout(() => transition({ kind: 'restore-proposed', goodBuckets: 5 }), 500),
  );
}

const applied = (journal: Journal) =>
  told(journal, 'toggle.applied').map(({ purpose, values }) => ({ purpose, values }));

describe.concurrent('toggles', () => {
  it('are prepared, contain, end the fault, and go back when that is proposed', async ({ site, expect }) => {
    const { context, journal } = await site.stage();
    answerAsEngine(journal);
    const finished = await runExperiment(contained(), context);
    expect(finished).toMatchObject({ verdict: 'held', reasons: [] });
    expect(applied(journal)).toEqual([
      { purpose: 'prepare', values: { FALLBACK: 'off' } },
      { purpose: 'contain', values: { SAVING: 'on' } },
      { purpose: 'restore', values: { FALLBACK: 'on', SAVING: 'off' } },
    ]);
    expect(finished.timings.contain?.ms).toBeLessThan(8_000);
    expect(settled(journal, 'after.toggles')).toMatchObject({ outcome: 'met' });
    expect(await context.toggles?.read()).toEqual({ FALLBACK: 'on', SAVING: 'off' });
  });

  it('contain only once the awaited signal has fired', async ({ site, expect }) => {
    const { context, journal } = await site.stage();
    answerAsEngine(journal);
    const plan = contained({
      containWhen: 'rest.errors',
      faults: [{ proxy: 'source', fault: down(), for: '3s' }],
    });
    await runExperiment(plan, context);
    expect(applied(journal).map(({ purpose }) => purpose)).toEqual(['prepare', 'restore']);
  });

  it('that were left changed fail the rollback, named with got and wanted', async ({ site, expect }) => {
    const { context, journal } = await site.stage({ stuck: 'SAVING' });
    answerAsEngine(journal);
    const finished = await runExperiment(contained(), context);
    expect(finished.verdict).toBe('rollback-failed');
    expect(finished.reasons[0]).toBe('toggles were left changed: SAVING is on, not off');
    expect(settled(journal, 'after.toggles')).toMatchObject({ outcome: 'broken', path: 'toggles.SAVING' });
  });

  it('go back when the experiment is interrupted', async ({ site, expect }) => {
    const interrupt = new AbortController();
    const { context, journal } = await site.stage({}, { signal: interrupt.signal });
    once(journal, 'fault.injected', () => interrupt.abort());
    expect(await runExperiment(contained(), context)).toMatchObject({ verdict: 'aborted' });
    expect(await context.toggles?.read()).toEqual({ FALLBACK: 'on', SAVING: 'off' });
  });

  it('that are not normal beforehand are no steady state', async ({ site, expect }) => {
    const { context } = await site.stage();
    const body = JSON.stringify({ SAVING: 'on' });
    await fetch(`${context.target.url}/toggles`, { method: 'POST', body });
    const finished = await runExperiment(sourceDown(), context);
    expect(finished).toMatchObject({
      verdict: 'aborted',
      reasons: ['toggles are not normal: SAVING is on, not off'],
    });
  });
});

describe.concurrent('an experiment that may not or cannot begin', () => {
  it('is aborted where there is no steady state', async ({ site, expect }) => {
    const { context, journal } = await site.stage({ source: '127.0.0.1:1', fallback: undefined as never });
    const finished = await runExperiment(sourceDown(), { ...context, steadyWithinMs: 1_500 });
    expect(finished.reasons[0]).toContain('no steady state: price: status got 503, allowed 200');
    expect(finished.verdict).toBe('aborted');
    expect(told(journal, 'fault.planned')).toHaveLength(0);
  });

  it('is aborted on a target that another run holds, naming it', async ({ site, expect }) => {
    const first = await site.stage();
    await using lease = await first.context.faults.lease('first');
    const second = await site.stage({}, { run: 'second' });
    const finished = await runExperiment(sourceDown(), second.context);
    expect(finished.verdict).toBe('aborted');
    expect(finished.reasons[0]).toContain('another run holds this target: first, until 20');
    expect(lease.lost.aborted).toBe(false);
  });

  it.for([
    ['production', { production: true as const, chaos: 'allowed' as const }, 'production'],
    ['a target that forbids it', { chaos: 'forbidden' as const }, 'forbidden'],
    ['another machine', { url: 'http://shop.example' }, 'another machine'],
  ] as const)('rejects %s before anything is touched', async ([, over, words], { site, expect }) => {
    const { context, journal } = await site.stage();
    const run = runExperiment(sourceDown(), { ...context, target: { ...context.target, ...over } });
    await expect(run).rejects.toMatchObject({ code: 'chaos-forbidden', exitCode: 2 });
    await expect(run).rejects.toThrow(words);
    expect(journal.events().filter(({ type }) => type === 'experiment.started')).toHaveLength(0);
  });

  it('rejects names nobody knows, all at once, the nearest suggested', async ({ site, expect }) => {
    const { context } = await site.stage();
    const faults = [{ proxy: 'sauce', fault: down(), for: '3s' }] as const;
    const run = runExperiment(sourceDown({ faults, expects: ['rest.latency'] }), context);
    await expect(run).rejects.toMatchObject({ code: 'invalid-definitions', exitCode: 2 });
    await expect(run).rejects.toThrow(/sauce[\s\S]*did you mean source[\s\S]*rest\.latency/);
  });
});

describe.concurrent('an experiment that is stopped', () => {
  it('heals on Ctrl-C and is aborted', async ({ site, expect }) => {
    const interrupt = new AbortController();
    const { context, journal } = await site.stage({}, { signal: interrupt.signal });
    once(journal, 'fault.injected', () => setTimeout(() => interrupt.abort(), 200));
    const finished = await runExperiment(sourceDown(), context);
    expect(finished).toMatchObject({ verdict: 'aborted', reasons: ['interrupted; everything was undone'] });
    expect(told(journal, 'fault.removed')).toMatchObject([{ by: 'runner' }]);
    expect(await proxiesLeft(site)).toEqual(whole);
  });

  it.for([
    ['a trigger nobody declared', 'weakness', true],
    ['a trigger of something that is no drill', 'aborted', false],
  ] as const)('rolls back on %s', async ([, verdict, drill], { site, expect }) => {
    const { context, journal } = await site.stage();
    journal.append({ type: 'run.started', data: { ...runStarted, drill: true } });
    once(journal, 'fault.proof', () =>
      journal.append({ type: 'incident.transition', data: { ...declared, drill } }),
    );
    const finished = await runExperiment(sourceDown(), context);
    expect(finished.verdict).toBe(verdict);
    expect(finished.reasons[0]).toContain('db.latency fired');
    expect(await proxiesLeft(site)).toEqual(whole);
  });

  it('is inconclusive where the load ends under it', async ({ site, expect }) => {
    const { context, journal } = await site.stage();
    once(journal, 'fault.proof', () => journal.append({ type: 'load.finished', data: loadFinished }));
    const finished = await runExperiment(sourceDown(), context);
    expect(finished).toMatchObject({ verdict: 'inconclusive' });
    expect(finished.reasons[0]).toContain('the load ended');
  });

  it('stops where its guard is killed', async ({ site, expect }) => {
    const { context, journal } = await site.stage();
    const lost = new AbortController();
    once(journal, 'fault.injected', () => lost.abort());
    const finished = await runExperiment(sourceDown(), {
      ...context,
      guard: { ...context.guard, lost: lost.signal },
    });
    expect(finished.verdict).toBe('aborted');
    expect(finished.reasons[0]).toContain('the guard ended');
    expect(await proxiesLeft(site)).toEqual(whole);
  });
});

const runStarted: Catalogue['run.started'] = {
  command: 'chaos run',
  subject: 'source-down',
  target: { name: 'shop', url: 'http://127.0.0.1' },
  drill: true,
  judge: {} as Catalogue['run.started']['judge'],
  contacts: [],
  endpoints: [],
  versions: {},
  state: 'project',
  repeat: '',
};

const declared: Catalogue['incident.transition'] = {
  incident: 'INC-1',
  group: 'service',
  ordinal: 1,
  effectiveAt: Date.now(),
  drill: true,
  change: {
    kind: 'declared',
    severity: 'SEV-2',
    by: { signal: 'db.latency', got: 'p99 800 ms', allowed: 'not p99 > 500 ms', since: 0, evidence: [] },
    symptoms: { windowMs: 0, p95: null, errorRatio: null, n: 0 },
  },
};

const loadStarted: Catalogue['load.started'] = {
  load: 'steady',
  script: 'steady.ts',
  tool: 'k6',
  rate: 50,
  durationMs: 0,
  thresholds: {},
};

const loadFinished: Catalogue['load.finished'] = {
  load: 'steady',
  outcome: 'inconclusive',
  violations: [],
  reason: 'k6 was killed',
  exitCode: 3,
  requests: 0,
  iterations: 0,
  dropped: 0,
  exceptions: 0,
  offeredRate: 0,
  achievedRate: 0,
  durationMs: 0,
  endpoints: [],
};
