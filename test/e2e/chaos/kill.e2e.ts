import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { toxiproxyFaults } from '../../../src/adapter/toxiproxy/faults.ts';
import { drillInToxiproxy } from '../../../src/chaos/active-drill.ts';
import { leaseProxy, parseUpstream } from '../../../src/chaos/names.ts';
import type { Holder } from '../../../src/chaos/names.ts';
import { faultsInToxiproxy } from '../../../src/chaos/own-faults.ts';
import type { FaultPort } from '../../../src/chaos/ports.ts';
import type { ProcessMark } from '../../../src/kernel/ports.ts';
import { openStore } from '../../../src/store/store.ts';
import { hasEnded, identify, isAlive, withEnvironment } from '../../../src/tools/process.ts';
import { expectBy } from '../../support/late.ts';
import { normalToggles, startDependency, startShop } from '../../support/chaos/shop.ts';
import { holdFlood, startFlood } from '../../support/chaos/flood.ts';
import { startToxiproxy } from '../../support/chaos/toxiproxy.ts';
import type { RunningToxiproxy } from '../../support/chaos/toxiproxy.ts';

const killable = fileURLToPath(new URL('../../support/chaos/killable.ts', import.meta.url));

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'siaga-kill-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A line of the runner, and how long after it the kill comes. */
type Moment = readonly [after: string, ms: number];

// Ten anywhere, ten within a few milliseconds of where it hurts. The numbers are drawn anew each time.
const anywhere = Array.from({ length: 10 }, (): Moment => ['prepare', Math.round(Math.random() * 8_000)]);
const inTheAct = (
  ['method', 'fault.planned', 'fault.injected', 'rollback', 'fault.planned'] as const
).flatMap((line): Moment[] => [
  [line, Math.round(Math.random() * 5)],
  [line, Math.round(Math.random() * 30)],
]);
const kinds = ['down', 'latency'] as const;
const cases = [...anywhere, ...inTheAct].map(([line, ms], index) => ({
  n: index + 1,
  line,
  ms,
  kind: kinds[index % 2] ?? 'down',
}));

const commandMs = 1_500;
const withinMs = 2_000;

describe('after SIGKILL of the runner and its whole process group', () => {
  it.concurrent.for(cases)(
    '$kind, $ms ms after "$line": nothing is left ($n)',
    async ({ n, line, ms, kind }, { expect }) => {
      await using toxiproxy = await startToxiproxy();
      await using dependency = await startDependency(100);
      const listen = await toxiproxy.proxy('source', dependency.address);
      const foreign = { name: 'foreign', type: 'latency', attributes: { latency: 3, jitter: 0 } };
      await toxiproxy.call('POST', '/proxies/source/toxics', foreign);
      await using shop = await startShop({ source: listen, fallback: { price: 1 } });
      const run = `kill${n}`;
      const store = join(folder, `${run}.db`);

      const args = [toxiproxy.url, shop.url, run, kind, store];
      const { children, killedAt } = await killAt([line, ms], args);

      await expectBy(withinMs, killedAt, async () => {
        const { body } = await toxiproxy.call('GET', '/proxies');
        expect(body).toEqual({
          source: expect.objectContaining({
            enabled: true,
            toxics: [expect.objectContaining({ name: 'foreign' })],
          }),
        });
        expect((await fetch(`${shop.url}/price`)).status).toBe(200);
        expect(children.map(identify).filter(isAlive)).toEqual([]);
        expect(withEnvironment('SIAGA_OWNER', run)).toEqual([]);
      });
    },
  );

  it.concurrent.for([
    ['toggle.planned', 0],
    ['toggle.planned', 100],
    ['toggle.applied', 100],
    ['fault.injected', 100],
  ] satisfies Moment[])(
    'a toggle is back that a slow command sets, %s and %d ms later',
    async ([line, ms], { expect }) => {
      await using toxiproxy = await startToxiproxy();
      await using dependency = await startDependency(100);
      const listen = await toxiproxy.proxy('source', dependency.address);
      await using shop = await startShop({ source: listen, fallback: { price: 1 } });
      const run = `toggle-${line}-${ms}`;
      const store = join(folder, `${run}.db`);
      const kept = async () => (await fetch(`${shop.url}/toggles`)).json();

      const args = [toxiproxy.url, shop.url, run, 'down', store, String(commandMs)];
      const { killedAt } = await killAt([line, ms], args);
      await expectBy(withinMs, killedAt, async () => {
        expect((await toxiproxy.call('GET', '/proxies')).body).toMatchObject({
          source: { enabled: true, toxics: [] },
        });
      });
      // The command under way, and the guard's own.
      await expect.poll(kept).toEqual(normalToggles);
      await sleep(2 * commandMs);
      expect(await kept()).toEqual(normalToggles);
      expect((await toxiproxy.call('GET', '/proxies')).body).toEqual({ source: expect.anything() });
    },
  );

  it.for([
    ['by the undo of the guard', false],
    ['by the undo of somebody else at that moment', true],
  ] as const)(
    'a Toxiproxy that is wedged %s keeps no fault for more than two seconds',
    async ([, other], { expect }) => {
      await using toxiproxy = await startToxiproxy();
      await using dependency = await startFlood(100);
      const listen = await toxiproxy.proxy('source', dependency.address);
      const shop = await startShop({ source: listen, fallback: { price: 1 } });
      const run = `wedged-${other}`;
      const store = join(folder, `${run}.db`);

      const args = [toxiproxy.url, shop.url, run, 'latency for 10s', store];
      let flood: Disposable | undefined;
      // A new connection would keep the proxy from being deleted at all: from here on there is none.
      const wedge = async () => {
        flood = holdFlood(listen);
        void shop[Symbol.asyncDispose]();
        await dependency.isHeld();
      };
      const { killedAt } = await killAt(['fault.proof', 0], args, wedge);
      const hung = other ? deleteToxic(toxiproxy) : undefined;
      // A Toxiproxy that is still wedged does not answer.
      await expectBy(withinMs, killedAt, async () => {
        const answer = await fetch(`${toxiproxy.url}/proxies`, { signal: AbortSignal.timeout(300) });
        expect(await answer.json()).toEqual({
          source: expect.objectContaining({ listen, enabled: true, toxics: [] }),
        });
      });
      flood?.[Symbol.dispose]();
      await hung;
      expect((await fetch(`http://${listen}/price`)).status).toBe(200);
      await expect.poll(() => removedIn(store, run)).toEqual(['proxy-recreated']);
    },
  );

  it('row 41: with runner and guard both killed, heal acts at once and no drill is told of', async ({
    expect,
  }) => {
    await using toxiproxy = await startToxiproxy();
    await using dependency = await startDependency(100);
    const listen = await toxiproxy.proxy('source', dependency.address);
    await using shop = await startShop({ source: listen, fallback: { price: 1 } });
    const path = join(folder, 'both.db');
    const port = toxiproxyFaults(toxiproxy.url);
    const args = [toxiproxy.url, shop.url, 'both', 'down for 30s', path];
    await killAt(['fault.injected', 300], args, async () => {
      const drill = drillInToxiproxy(await port.list(), Date.now(), hasEnded);
      expect(drill).toMatchObject({ run: 'both', experiment: 'to-be-killed' });
      const [, guard] = (await holderIn(port)).processes ?? [];
      process.kill(guard?.pid ?? 0, 'SIGSTOP');
    });
    const [, guard] = (await holderIn(port)).processes ?? [];
    process.kill(guard?.pid ?? 0, 'SIGKILL');
    await expect.poll(() => guard && hasEnded(guard)).toBe(true);

    expect(faultsInToxiproxy(await port.list())).toMatchObject([
      { run: 'both', proxy: 'source', what: 'down' },
    ]);
    expect(drillInToxiproxy(await port.list(), Date.now(), hasEnded)).toBeUndefined();
    const healing = promisify(execFile)(
      process.execPath,
      ['src/main.ts', 'chaos', 'heal', '--toxiproxy', toxiproxy.url, '-C', '/nowhere'],
      { cwd: fileURLToPath(new URL('../../..', import.meta.url)) },
    );
    expect((await healing).stdout).toContain('undone  disabled proxy source (run both');
    expect((await toxiproxy.call('GET', '/proxies')).body).toEqual({
      source: expect.objectContaining({ enabled: true, toxics: [] }),
    });
  });

  it('the guard writes into the ledger what it took out', async ({ expect }) => {
    await using toxiproxy = await startToxiproxy();
    await using dependency = await startDependency(100);
    const listen = await toxiproxy.proxy('source', dependency.address);
    await using shop = await startShop({ source: listen, fallback: { price: 1 } });
    const path = join(folder, 'ledger.db');
    const args = [toxiproxy.url, shop.url, 'ledger', 'down', path];
    let guard: ProcessMark | undefined;
    await killAt(['fault.injected', 300], args, async () => {
      [, guard] = (await holderIn(toxiproxyFaults(toxiproxy.url))).processes ?? [];
    });
    await expect.poll(() => guard && hasEnded(guard)).toBe(true);
    const store = openStore(path);
    expect(store.read({ run: 'ledger' }).map(({ type, data }) => ({ type, data }))).toEqual([
      {
        type: 'fault.removed',
        data: { fault: 'fault-1', proxy: 'source', by: 'guard', rung: 'proxy-enabled' },
      },
    ]);
    store.close();
  });
});

async function holderIn(port: FaultPort): Promise<Holder> {
  const marker = (await port.list()).find(({ name }) => name === leaseProxy);
  return parseUpstream(marker?.upstream ?? '') ?? { run: 'nobody', expiresAt: 0 };
}

/** Takes out what toxic there is, as a person with curl would; in a wedge there is no answer for long. */
async function deleteToxic(toxiproxy: RunningToxiproxy): Promise<void> {
  const { body } = await toxiproxy.call('GET', '/proxies/source');
  const [toxic] = (body as { toxics: readonly { name: string }[] }).toxics;
  const path = `${toxiproxy.url}/proxies/source/toxics/${toxic?.name}`;
  await fetch(path, { method: 'DELETE', signal: AbortSignal.timeout(2_500) }).catch(() => undefined);
}

/** By which step each fault of a run was undone. */
function removedIn(path: string, run: string): readonly string[] {
  const store = openStore(path);
  try {
    return store.read({ run }).flatMap((event) => (event.type === 'fault.removed' ? [event.data.rung] : []));
  } finally {
    store.close();
  }
}

/** The children that a runner named before it was killed, and when that was. */
interface Killed {
  readonly children: readonly number[];
  readonly killedAt: number;
}

/** Starts a runner in a process group of its own, and kills the group at the moment. */
async function killAt(
  [line, ms]: Moment,
  args: readonly string[],
  onReached: () => unknown = () => undefined,
): Promise<Killed> {
  const runner = spawn(process.execPath, [killable, ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = new Promise((resolve) => runner.once('exit', resolve));
  const children: number[] = [];
  const reached = new Promise<void>((resolve) => {
    createInterface({ input: runner.stdout }).on('line', (said) => {
      if (said.startsWith('child ')) children.push(Number(said.slice(6)));
      if (said === line || said === 'finished') resolve();
    });
  });
  await reached;
  await onReached();
  await sleep(ms);
  process.kill(-(runner.pid ?? 0), 'SIGKILL');
  const killedAt = performance.now();
  await gone;
  return { children, killedAt };
}
