import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setUpRig } from '../../support/rig/rig.ts';
import type { Rig } from '../../support/rig/rig.ts';
import { envelopeOf, experimentIn } from '../../support/rig/siaga.ts';

let rig: Rig;
beforeAll(async () => void (rig = await setUpRig()));
afterAll(() => rig[Symbol.asyncDispose]());

describe('500 ms in the ninth bucket of the hold', () => {
  it('start the count over, are named with their value, and recovery comes ten buckets later', async () => {
    const run = rig.start(['chaos', 'run', 'provider-down']);
    const sixth = await run.until(
      'incident.bucket',
      ({ data: { hold, count } }) => hold === 'recovery' && count === 6,
    );
    const { bucketMs } = (await run.until('run.started')).data.judge;
    const ninth = sixth.data.from + 3 * bucketMs;
    // A late answer counts where it ends: all of them end inside the ninth bucket, also where a machine is slow.
    const late = () => Date.now() >= ninth - 400 && Date.now() < ninth + bucketMs - 1_000;
    using _lie = rig.interceptor.use({
      holdMs: ({ path }) => (late() && path.startsWith('/api/') ? 500 : 0),
    });
    const ended = await run.ended;
    await rig.expectClean();

    const buckets = run.events().flatMap(({ type, data }) => (type === 'incident.bucket' ? [data] : []));
    const hold = buckets.filter(({ hold: kind }) => kind === 'recovery');
    expect(hold.map(({ count }) => count)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ]);
    expect(hold[8]).toMatchObject({ from: ninth, band: 'hysteresis' });
    expect(hold[8]?.readings.filter(({ band }) => band !== 'good')).toEqual([
      { signal: 'rest.latency', band: 'hysteresis', n: expect.any(Number), value: expect.any(Number) },
    ]);
    const value = Number(hold[8]?.readings.find(({ band }) => band === 'hysteresis')?.value);
    expect(value).toBeGreaterThanOrEqual(500);
    const changes = run
      .events()
      .flatMap(({ type, data }) => (type === 'incident.transition' ? [data.change] : []));
    expect(changes).toContainEqual({
      kind: 'hold-reset',
      because: `hysteresis: rest.latency ${value}`,
      lostBuckets: 8,
    });
    const envelope = envelopeOf(ended);
    expect([envelope.exitCode, experimentIn(envelope).verdict]).toEqual([0, 'held']);
  });
});
