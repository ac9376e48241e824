import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Draft } from '../event/envelope.ts';
import type { SiagaEvent } from '../event/envelope.ts';
import type { ProxyState } from '../chaos/ports.ts';
import { leaseProxy, nameOf, upstreamOf } from '../chaos/names.ts';
import { withIncidents } from '../exercise/standing.ts';
import type { Standing } from '../exercise/standing.ts';
import { exit } from '../kernel/exit.ts';
import type { Session } from './session-types.ts';
import { watchDrills } from './watch-drills.ts';

const now = 1_767_225_600_000;
const expiresAt = now + 30_000;

const proxy = (over: Partial<ProxyState>): ProxyState => ({
  name: 'postgres',
  listen: '127.0.0.1:1',
  upstream: '127.0.0.1:2',
  enabled: false,
  toxics: [],
  ...over,
});
const marker = {
  name: nameOf({ run: 'crashed', n: 1, expiresAt }, 'disabled'),
  type: 'latency',
  stream: 'downstream' as const,
  toxicity: 0,
  attributes: {},
};
const lease = proxy({
  name: leaseProxy,
  upstream: upstreamOf({ run: 'other', experiment: 'database-slow', expiresAt }),
});

/** What a run writes of another one, and how it ends then though its checks failed. */
async function watched(proxies: readonly ProxyState[], later = [proxies], drill = false) {
  const written: SiagaEvent[] = [];
  const looks = [proxies, ...later];
  let slept = 0;
  const session = {
    run: 'mine',
    request: { drill },
    judge: { bucketMs: 2_000 },
    platform: {
      clock: {
        now: () => now,
        sleep: (ms: number, signal: AbortSignal) =>
          looks.length > 1
            ? Promise.resolve(void (slept += ms))
            : new Promise((_resolve, reject) => signal.addEventListener('abort', reject)),
      },
      faults: () => ({ list: async () => (looks.length > 1 ? looks.shift() : looks[0]) }),
    },
    target: { name: 'shop', toxiproxy: 'http://127.0.0.1:8474' },
    store: { read: () => [] },
    journal: { append: (draft: Draft) => void written.push(draft as unknown as SiagaEvent) },
  } as unknown as Session;
  const watching = await watchDrills(session);
  await setImmediate();
  await watching.stop();
  const standing = { events: written, engine: {}, judge: { zone: 'UTC' }, now, openBefore: 1 };
  const ending = withIncidents(
    { exitCode: exit.failed, reason: 'sol: status got 503' },
    standing as unknown as Standing,
  );
  return { written: written.map(({ data }) => data), ending, slept };
}

describe('a run beside what another run does to the target', () => {
  it('row 41: says that a fault of our own is in, and blames nobody for what it does', async () => {
    const { written, ending } = await watched([proxy({ toxics: [marker] })]);
    expect(written).toMatchObject([{ run: 'crashed', drill: { on: true, left: 'postgres: down' } }]);
    expect(ending).toEqual({
      exitCode: 3,
      reason:
        "a fault of Siaga's own is in the target (postgres: down), left behind by run crashed: undo it with siaga chaos heal; sol: status got 503",
    });
  });

  it('names a drill that is on', async () => {
    const { written, ending } = await watched([proxy({ toxics: [marker] }), lease]);
    expect(written).toMatchObject([{ run: 'other', drill: { experiment: 'database-slow', on: true } }]);
    expect(ending).toMatchObject({
      exitCode: 3,
      reason: expect.stringContaining('the drill database-slow of run other'),
    });
  });

  it('judges as ever where there is nothing of ours', async () => {
    const { written } = await watched([proxy({ toxics: [{ ...marker, name: 'somebody' }] })]);
    expect(written).toEqual([]);
  });

  it('asks once a bucket, and says what began and what ended', async () => {
    const { written, slept } = await watched([], [[lease], [lease], [proxy({ toxics: [marker] })], []]);
    expect(written).toEqual([
      { run: 'other', drill: { experiment: 'database-slow', on: true } },
      { run: 'other', drill: { experiment: 'database-slow', on: false } },
      { run: 'crashed', drill: { experiment: 'of another machine', on: true, left: 'postgres: down' } },
      { run: 'crashed', drill: { experiment: 'of another machine', on: false, left: 'postgres: down' } },
    ]);
    expect(slept).toBeGreaterThanOrEqual(3 * 2_000);
  });

  it('says nothing of its own doing, and watches nobody in a drill', async () => {
    const own = proxy({
      name: leaseProxy,
      upstream: upstreamOf({ run: 'mine', experiment: 'x', expiresAt }),
    });
    expect((await watched([own])).written).toEqual([]);
    expect((await watched([lease], [[lease]], true)).written).toEqual([]);
  });
});
