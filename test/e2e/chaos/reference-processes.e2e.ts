import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { identify, stateOf } from '../../../src/tools/process.ts';
import { expectWithin } from '../../support/late.ts';
import { killWithGuard, oursIn, setUpRig, type Rig } from '../../support/rig/rig.ts';
import { envelopeOf } from '../../support/rig/siaga.ts';

// The guard ends a fault that is a signal at once; a restart takes as long as the API does.
const goesOnWithinMs = 2_000;
const restartedWithinMs = 30_000;

const runs = /^[DRS]$/;

let rig: Rig;
beforeAll(async () => (rig = await setUpRig({ recoversSoon: true })));
afterAll(() => rig[Symbol.asyncDispose]());
beforeEach(() => rig.forget());

const begin = (experiment: string) => rig.start(['chaos', 'run', experiment], { direct: true });

const pidOf = async (part: 'coinapi' | 'api') => (await rig.status()).pids[part] ?? 0;

async function expectServing(): Promise<void> {
  const { api } = await rig.status();
  expect((await fetch(`${api}/api/sol/complete`)).status).toBe(200);
}

describe('provider-frozen', () => {
  it('holds, with CoinAPI stopped and no toxic anywhere', async () => {
    const pid = await pidOf('coinapi');
    const run = begin('provider-frozen');
    await run.until('fault.injected');
    const [state, ours] = [stateOf(identify(pid)), await oursIn((await rig.status()).toxiproxy ?? '')];
    expect(state).toBe('T');
    expect(ours.filter((each) => !each.includes('siaga.lease'))).toEqual([]);

    const { verdict, reason, results } = envelopeOf(await run.ended);
    expect([verdict, reason]).toEqual(['passed', '']);
    const [experiment] = results.filter((result) => result.kind === 'experiment');
    expect(experiment?.faults).toMatchObject([
      { kind: 'frozen', proxy: 'coinapi', removedBy: 'runner', proof: { proven: true } },
    ]);
    expect([await pidOf('coinapi'), stateOf(identify(pid))]).toEqual([pid, expect.stringMatching(runs)]);
  });

  it('lets CoinAPI go on after SIGKILL of the runner and its whole process group', async () => {
    const pid = await pidOf('coinapi');
    const run = begin('provider-frozen');
    await run.until('fault.injected');
    run.killGroup('SIGKILL');
    const killedAt = performance.now();
    await expectWithin(goesOnWithinMs, killedAt, async () => expect(stateOf(identify(pid))).toMatch(runs));
    await run.ended;
    await expectWithin(restartedWithinMs, killedAt, () => rig.expectClean());
    await expectServing();
  });

  it('goes on by siaga chaos heal, where the runner and its guard were both killed', async () => {
    const pid = await pidOf('coinapi');
    const run = begin('provider-frozen');
    await run.until('fault.proof');
    await killWithGuard(run, rig);
    expect(stateOf(identify(pid))).toBe('T');

    const heal = () => rig.run(['chaos', 'heal'], { direct: true });
    const end = { outcome: 'undone', step: 'continued' };
    expect(await heal()).toMatchObject({
      exitCode: 0,
      faults: [{ subject: 'coinapi', kind: 'frozen', end }],
    });
    expect(stateOf(identify(pid))).toMatch(runs);
    expect(await heal()).toMatchObject({ exitCode: 0, faults: [] });
    await rig.expectClean();
    await expectServing();
  });
});

describe('api-killed', () => {
  it('is declared, and the API that is started again recovers', async () => {
    const pid = await pidOf('api');
    const { verdict, reason, incidents } = envelopeOf(await begin('api-killed').ended);
    expect([verdict, reason]).toEqual(['passed', '']);
    expect(incidents).toMatchObject([{ highestSeverity: 'SEV-0', drill: true, phase: 'recovered' }]);
    expect(await pidOf('api')).not.toBe(pid);
    await expectServing();
  });

  it('has its API started again by the guard after SIGKILL of the runner and its whole process group', async () => {
    const pid = await pidOf('api');
    const run = begin('api-killed');
    await run.until('fault.injected');
    run.killGroup('SIGKILL');
    const killedAt = performance.now();
    await run.ended;
    await expectWithin(restartedWithinMs, killedAt, async () => {
      expect(await pidOf('api')).not.toBe(pid);
      await expectServing();
      await rig.expectClean();
    });
  });
});
