import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EventOf, SiagaEvent } from '../../../src/event/envelope.ts';
import { referenceAdminToken } from '../../../launcher/system/reference.ts';
import { openStore } from '../../../src/store/store.ts';
import { expectBy, expectWithin } from '../../support/late.ts';
import { copyCheckout } from '../../support/rig/checkout.ts';
import { killWithGuard, oursIn, processesNaming, setUpRig } from '../../support/rig/rig.ts';
import type { Rig } from '../../support/rig/rig.ts';
import { startSiaga } from '../../support/rig/siaga.ts';
import type { RunningSiaga } from '../../support/rig/siaga.ts';

const faultsWithinMs = 2_000;
const togglesWithinMs = 15_000;

type Toggles = Readonly<Record<string, string>>;

let rig: Rig;
let normal: Toggles;
beforeAll(async () => {
  rig = await setUpRig();
  normal = await toggles();
});
afterAll(() => rig[Symbol.asyncDispose]());
beforeEach(() => rig.forget());

const token = () => referenceAdminToken(rig.checkout.dir) ?? '';

/** What the system says its toggles are; with `change`, after a person has changed some of them. */
async function toggles(change?: Toggles): Promise<Toggles> {
  const { admin } = await rig.status();
  const headers = { authorization: `Bearer ${token()}`, 'content-type': 'application/json' };
  const sent = change ? { method: 'PATCH', body: JSON.stringify(change) } : {};
  const answer = await fetch(admin ?? '', { headers, ...sent, signal: AbortSignal.timeout(30_000) });
  expect(answer.status).toBe(200);
  return (await answer.json()) as Toggles;
}

const begin = () => rig.start(['chaos', 'run', 'provider-down-contained'], { direct: true });

/** Until a change for this purpose is written down, and no further. */
const planned = (run: RunningSiaga, wanted: 'prepare' | 'contain') =>
  run.until('toggle.planned', ({ data: { purpose } }) => purpose === wanted);
const applied = (run: RunningSiaga, wanted: 'prepare' | 'contain') =>
  run.until('toggle.applied', ({ data: { purpose } }) => purpose === wanted);

/** The events of the only run, from the store: what the guard and the heal add is nowhere else. */
function ledger(): readonly SiagaEvent[] {
  const store = openStore(join(rig.checkout.dir, '.siaga', 'siaga.db'));
  try {
    const [run] = store.runs().filter(({ command }) => command === 'chaos run');
    return store.read({ run: run?.run ?? '' });
  } finally {
    store.close();
  }
}

const restores = (): readonly EventOf<'toggle.applied'>['data'][] =>
  ledger().flatMap((event) =>
    event.type === 'toggle.applied' && event.data.purpose === 'restore' ? [event.data] : [],
  );

async function expectServing(): Promise<void> {
  const { api } = await rig.status();
  expect((await fetch(`${api}/api/sol/complete`)).status).toBe(200);
}

/** No file that a run leaves holds the token that reads and sets toggles. */
function expectNoToken(): void {
  const { dir } = rig.checkout;
  const places = [join(dir, 'reports'), join(dir, '.siaga')];
  const files = places.flatMap((place) =>
    readdirSync(place, { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile() && !file.parentPath.includes(join('.siaga', 'reference')))
      .map((file) => join(file.parentPath, file.name)),
  );
  expect(files.length).toBeGreaterThan(1);
  expect(token().length).toBeGreaterThan(20);
  expect(files.filter((file) => readFileSync(file).includes(token()))).toEqual([]);
  expect(processesNaming(token())).toEqual([]);
}

/** Kills runner and group, holds what follows against both deadlines, and returns the toggles of a system at rest. */
async function killAndWatch(run: RunningSiaga, wanted: Toggles): Promise<Toggles> {
  run.killGroup('SIGKILL');
  const killedAt = performance.now();
  expect(await run.ended).toMatchObject({ signal: 'SIGKILL' });
  await expectBy(faultsWithinMs, killedAt, async () => {
    const ours = await oursIn((await rig.status()).toxiproxy ?? '');
    expect(ours.filter((each) => each !== 'proxy siaga.lease' && each !== 'siaga.lease is disabled')).toEqual(
      [],
    );
  });
  await expectWithin(togglesWithinMs, killedAt, async () => {
    expect(await toggles()).toEqual(wanted);
    await rig.expectClean();
  });
  await expectServing();
  return toggles();
}

describe('provider-down-contained, killed with its whole process group', () => {
  it.each([
    ['before the first toggle', 0],
    ['before the first toggle', Math.round(Math.random() * 300)],
  ])('%s (%d ms later) leaves nothing to undo', async (_, ms) => {
    const run = begin();
    await run.until('experiment.phase');
    await sleep(ms);
    expect(await killAndWatch(run, normal)).toEqual(normal);
  });

  it.each([0, Math.round(Math.random() * 100), Math.round(Math.random() * 1_500)])(
    '%d ms after the first toggle was written down has it back',
    async (ms) => {
      const run = begin();
      await planned(run, 'prepare');
      await sleep(ms);
      expect(await killAndWatch(run, normal)).toEqual(normal);
    },
  );

  it('between its toggles has back what it prepared, and the guard says so in the ledger', async () => {
    const run = begin();
    await applied(run, 'prepare');
    expect(await toggles()).toMatchObject({ FALLBACK_ENABLED: 'false' });
    expect(await killAndWatch(run, normal)).toEqual(normal);
    expect(restores()).toEqual([
      {
        values: { FALLBACK_ENABLED: 'true' },
        purpose: 'restore',
        via: 'environment and restart',
        by: 'guard',
        durationMs: expect.any(Number),
        ok: true,
      },
    ]);
    expect(ledger().at(-1)).toMatchObject({ type: 'toggle.read', data: { ok: true, abnormal: [] } });
    expectNoToken();
  });

  it.each([Math.round(Math.random() * 2_500)])(
    '%d ms into its containment has back everything it set',
    async (ms) => {
      const run = begin();
      await planned(run, 'contain');
      await sleep(ms);
      expect(await killAndWatch(run, normal)).toEqual(normal);
    },
  );

  it('after its containment leaves a toggle as a person had left it', async () => {
    const run = begin();
    await applied(run, 'prepare');
    await toggles({ SCREENER_TTL_SECONDS: '75' });
    await applied(run, 'contain');
    expect(await toggles()).toMatchObject({ SCREENER_TTL_SECONDS: '90', FEATURE_COINAPI_ENABLED: 'false' });
    // One of those that the run had set, decided anew by somebody while it ran.
    await toggles({ SCREENER_MAX_CONCURRENCY: '7' });
    const left = { ...normal, SCREENER_TTL_SECONDS: '75', SCREENER_MAX_CONCURRENCY: '7' };
    expect(await killAndWatch(run, left)).toEqual(left);
    await toggles(normal);
  });
});

it('provider-down-contained restores its toggles on Ctrl-C', async () => {
  const run = begin();
  await applied(run, 'contain');
  run.kill('SIGINT');
  expect((await run.ended).code).toBe(130);
  expect(await toggles()).toEqual(normal);
  expect(restores()).toMatchObject([{ ok: true, via: 'environment and restart' }]);
  await rig.expectClean();
  await expectServing();
});

const heal = (...args: readonly string[]) => rig.run(['chaos', 'heal', ...args], { direct: true });

describe('siaga chaos heal, where runner and guard were killed', () => {
  it('puts back what the run changed, writes it down, and a second time finds nothing', async () => {
    const run = begin();
    await applied(run, 'prepare');
    await killWithGuard(run, rig);
    expect(await toggles()).toMatchObject({ FALLBACK_ENABLED: 'false' });
    // Both are known to have ended on this machine: nobody has to wait for the lease to expire.
    expect(await heal()).toMatchObject({
      exitCode: 0,
      toggles: { runs: [{ restored: { FALLBACK_ENABLED: 'true' }, left: {} }], held: [], strange: [] },
    });
    expect(await toggles()).toEqual(normal);
    expect(restores()).toMatchObject([{ by: 'heal', ok: true }]);
    expect(await heal()).toMatchObject({ exitCode: 0, toggles: { runs: [], held: [], strange: [] } });
    await rig.expectClean();
  });

  it('from a checkout without the ledger says what is left, and the next command', async () => {
    using elsewhere = copyCheckout();
    const { api, admin, toxiproxy } = await rig.status();
    const target = `url: '${api}', toxiproxy: '${toxiproxy}', toggles: { read: { url: '${admin}', bearer: '\${ADMIN}' },
      apply: { command: ['sh', 'restart.sh'], timeout: '10s' } },`;
    elsewhere.patch('siaga.config.ts', "url: 'reference',", target);
    await toggles({ RATE_LIMIT_POLICY: '70;w=60;burst=10' });
    const { dir } = elsewhere;
    const { code, stdout } = await startSiaga(['chaos', 'heal'], { dir, env: { ADMIN: token() } }).ended;
    await toggles(normal);
    expect(stdout.replace(/node \S+siaga\.js/, 'siaga')).toBe(
      'left    RATE_LIMIT_POLICY is 70;w=60;burst=10, normal is 60;w=60;burst=10: ' +
        'no run is written down here; where its project lies: siaga chaos heal -C FOLDER; ' +
        "to set it: RATE_LIMIT_POLICY='60;w=60;burst=10' sh restart.sh\n",
    );
    expect(code).toBe(3);
  });
});
