import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IncidentTransition } from '../../../src/event/incident.ts';
import { openStore } from '../../../src/store/store.ts';
import { startReceiver } from '../../support/rig/receiver.ts';
import type { Receiver } from '../../support/rig/receiver.ts';
import { setUpRig } from '../../support/rig/rig.ts';
import type { Rig } from '../../support/rig/rig.ts';
import { envelopeOf } from '../../support/rig/siaga.ts';

let rig: Rig;
let outside: Receiver;

beforeAll(async () => {
  [rig, outside] = await Promise.all([setUpRig(), startReceiver()]);
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
  await outside[Symbol.asyncDispose]();
});

const env = () => ({ SIAGA_WEBHOOK_URL: `${outside.url}/hook` });

/** What all runs together have written of incidents. */
function transitions(): readonly IncidentTransition[] {
  const store = openStore(join(rig.checkout.dir, '.siaga', 'siaga.db'));
  try {
    return store
      .read({ types: ['incident.transition'] })
      .flatMap((event) => (event.type === 'incident.transition' ? [event.data] : []));
  } finally {
    store.close();
  }
}

const opened = (drill: boolean): readonly string[] =>
  transitions().flatMap((one) =>
    one.drill === drill && one.change.kind === 'declared' ? [one.incident] : [],
  );

describe('several processes on one state', () => {
  it('a round and a load beside it, on a system that is well, both pass', async () => {
    const both = await Promise.all([
      rig.run(['check'], { env: env() }),
      rig.run(['load', 'smoke'], { env: env() }),
    ]);
    expect(both.map(({ exitCode, reason }) => [exitCode, reason])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    expect(opened(false)).toEqual([]);
  });

  it('a gate beside a drill measures, names the drill, ends with 3, and opens nothing', async () => {
    const drill = rig.start(['chaos', 'run', 'provider-down'], { direct: true });
    await drill.until('fault.proof');
    const gate = await rig.run(['gate', '--on-inconclusive', 'warn'], { env: env(), direct: true });
    expect([gate.exitCode, gate.reason]).toEqual([3, expect.stringContaining('provider-down')]);
    expect(envelopeOf(await drill.ended)).toMatchObject({ exitCode: 0 });
    expect(opened(false)).toEqual([]);
    expect(opened(true)).toHaveLength(1);
    await rig.expectClean();
  });

  it('two rounds that see the same outage declare one incident, tell it once, and both end with 1', async () => {
    outside.take();
    await rig.toxiproxy('POST', '/proxies/coinapi', { enabled: false });
    try {
      const both = await Promise.all([0, 1].map(() => rig.run(['check'], { env: env(), direct: true })));
      const [incident] = opened(false);
      expect(opened(false)).toEqual([incident]);
      expect(both.map(({ exitCode, reason }) => [exitCode, reason])).toEqual([
        [1, expect.stringContaining(incident ?? '?')],
        [1, expect.stringContaining(incident ?? '?')],
      ]);
      const told = outside
        .take()
        .filter(({ body }) => (body as { template: string }).template === 'DEGRADED');
      expect(told.map(({ body }) => (body as { incident: string }).incident)).toEqual([incident]);
    } finally {
      await rig.toxiproxy('POST', '/proxies/coinapi', { enabled: true });
    }
  });
});
