import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EventType } from '../../../src/event/catalogue.ts';
import { expectBy } from '../../support/late.ts';
import { setUpRig } from '../../support/rig/rig.ts';
import type { Rig } from '../../support/rig/rig.ts';

import { brief } from '../../support/rig/brief.ts';
describe('siaga chaos run, killed with its whole process group', () => {
  let rig: Rig;
  const foreign = { name: 'foreign', type: 'latency', attributes: { latency: 1, jitter: 0 } };
  beforeAll(async () => {
    rig = await setUpRig();
    rig.checkout.write('chaos/brief.ts', brief);
    await rig.toxiproxy('POST', '/proxies/coinapi/toxics', foreign);
  });
  afterAll(() => rig[Symbol.asyncDispose]());
  beforeEach(() => rig.forget());

  // Half of them anywhere, half where it hurts. The numbers are drawn anew each time.
  const count = Number(process.env['SIAGA_TEST_KILLS'] ?? 6);
  const acts: readonly EventType[] = ['fault.planned', 'fault.injected', 'fault.removed'];
  const moments = Array.from({ length: count }, (_, n) =>
    n % 2 === 0
      ? ({ n, after: 'run.started', ms: Math.round(Math.random() * 10_000) } as const)
      : ({
          n,
          after: acts[((n - 1) / 2) % 3] ?? 'run.started',
          ms: Math.round(Math.random() * 40),
        } as const),
  );

  it.each(moments)('$ms ms after $after leaves nothing ($n)', async ({ after, ms }) => {
    const run = rig.start(['chaos', 'run', 'brief'], { direct: true });
    await run.until(after);
    await sleep(ms);
    run.killGroup('SIGKILL');
    const killedAt = performance.now();
    expect(await run.ended).toMatchObject({ signal: 'SIGKILL' });
    await expectBy(2_000, killedAt, () => rig.expectClean());
    const { api, toxiproxy } = await rig.status();
    expect((await fetch(`${api}/api/sol/complete`)).status).toBe(200);
    const toxics = await fetch(`${toxiproxy}/proxies/coinapi/toxics`);
    expect(await toxics.json()).toMatchObject([{ name: 'foreign' }]);
  });
});
