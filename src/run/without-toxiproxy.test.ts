import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { drillInEvents } from '../chaos/active-drill.ts';
import { down, frozen } from '../chaos/faults.ts';
import { breaksOf } from '../chaos/plan.ts';
import type { AnyExperiment, FaultPlan } from '../chaos/definition.ts';
import type { LeaseDetails } from '../chaos/ports.ts';
import { selectTarget } from '../project/select.ts';
import { openStore } from '../store/store.ts';
import type { Platform } from './platform.ts';
import { resolveTarget } from './resolve-target.ts';
import { withoutToxiproxy } from './without-toxiproxy.ts';

const drill = (...faults: readonly FaultPlan[]) => ({ faults }) as unknown as AnyExperiment;
const frozenPlan = { process: 'queue', fault: frozen(), for: '5s' } as const;
const downPlan = { proxy: 'queue', fault: down(), for: '5s' } as const;

const config = {
  targets: [{ name: 'shop', url: 'http://127.0.0.1:9', chaos: 'allowed' as const, proxies: {} }],
};
const resolve = (...experiments: readonly AnyExperiment[]) =>
  resolveTarget(
    {
      projectDir: '/nowhere',
      selected: selectTarget(config, undefined, {}),
      breaks: breaksOf(experiments),
    },
    {} as Platform,
  );

test('a target without a Toxiproxy is broken where no fault is one of its connections', async () => {
  expect(await resolve(drill(frozenPlan))).toMatchObject({ name: 'shop', url: 'http://127.0.0.1:9' });
});

test('a fault of a connection is refused there before anything is asked or started, also beside others', async () => {
  await expect(resolve(drill(frozenPlan), drill(downPlan))).rejects.toMatchObject({
    code: 'no-toxiproxy',
    exitCode: 2,
    facts: { where: 'siaga.config.ts', got: 'no toxiproxy address' },
  });
});

/** Runs of one project, by their numbers, at a time that passes where somebody sleeps. */
function project() {
  const folder = mkdtempSync(join(tmpdir(), 'siaga-lease-'));
  const store = openStore(join(folder, 'siaga.db'));
  onTestFinished(() => {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  let now = 1_000_000;
  const ended = new Set<number>();
  const clock = {
    now: () => now,
    monotonic: () => now,
    sleep: (ms: number, signal?: AbortSignal) =>
      new Promise<void>((done, cut) => {
        signal?.addEventListener('abort', () => cut(new Error('stopped')));
        setImmediate(() => {
          if (signal?.aborted) return;
          now += ms;
          done();
        });
      }),
  };
  const hasEnded = ({ pid }: { readonly pid: number }) => ended.has(pid);
  const events = () => store.read({ types: ['drill.lease'] });
  const run = (name: string, pid: number) => {
    const journal = store.journal({ run: name, target: 'shop', clock, boot: name });
    const platform = {
      clock,
      hasEnded,
      ownMark: () => ({ machine: 'm', pid, startTime: '1' }),
      identify: (each: number) => ({ pid: each, startTime: '1' }),
    };
    const port = withoutToxiproxy({ journal, platform });
    const onHeld: LeaseDetails['onHeld'] = (state, { expiresAt, processes = [] }) =>
      void journal.append({
        type: 'drill.lease',
        data: { state, experiment: 'frozen', expiresAt, processes },
      });
    return () => port.lease(name, { experiment: 'frozen', guard: pid + 1, onHeld });
  };
  return { run, ended, events, drillNow: () => drillInEvents(events(), now, hasEnded) };
}

test('the right to break it is in the events of the project: one run at a time, until its processes have ended', async () => {
  const { run, ended, events, drillNow } = project();
  const first = await run('r1', 10)();
  expect(first.holder.processes).toMatchObject([{ pid: 10 }, { pid: 11 }]);
  expect(drillNow()).toMatchObject({ run: 'r1', experiment: 'frozen' });
  await expect(run('r2', 20)()).rejects.toMatchObject({
    code: 'target-leased',
    exitCode: 3,
    facts: { what: 'another run holds this target: r1 (experiment frozen)' },
  });
  expect(events().every((event) => event.run === 'r1')).toBe(true);
  await first[Symbol.asyncDispose]();
  ended.add(10);
  await expect(run('r2', 20)()).rejects.toMatchObject({ code: 'target-leased' });
  ended.add(11);
  await using second = await run('r2', 20)();
  expect(second.lost.aborted).toBe(false);
  expect(drillNow()).toMatchObject({ run: 'r2' });
});

test('it is renewed for as long as it is held', async () => {
  const { run, events } = project();
  const lease = await run('r1', 10)();
  const states = () => events().map(({ data }) => 'state' in data && data.state);
  await expect.poll(states).toContain('renewed');
  await lease[Symbol.asyncDispose]();
  const held = states().length;
  await new Promise((done) => setImmediate(done));
  expect(states()).toHaveLength(held);
  expect(states()[0]).toBe('taken');
});
