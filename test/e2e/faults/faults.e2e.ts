import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PartName } from '../../../launcher/system/state.ts';
import { experimentText } from '../../support/rig/experiments.ts';
import { oursIn, processesNaming, setUpRig } from '../../support/rig/rig.ts';
import type { Rig } from '../../support/rig/rig.ts';
import { envelopeOf, errorIn } from '../../support/rig/siaga.ts';
import { smallDisk } from '../../support/rig/small-disk.ts';

import { brief, ending } from '../../support/rig/brief.ts';
/** One more proxy of the target, and whose calls are said to be those through it. */
const spare = (calls: string): string =>
  `spare: { probe: { kind: 'http', path: '/health' }, calls: calls('${calls}') },\n    okx: { probe:`;

describe('siaga chaos run', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await setUpRig({ recoversSoon: true });
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
});
