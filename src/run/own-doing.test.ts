import { describe, expect, it } from 'vitest';
import type { SiagaEvent } from '../event/envelope.ts';
import type { ProxyState } from '../chaos/ports.ts';
import { leaseProxy, nameOf, upstreamOf } from '../chaos/names.ts';
import { ownDoing } from './watch-drills.ts';
import type { Session } from './session-types.ts';

const now = 1_767_225_600_000;
const expiresAt = now + 30_000;

const proxies: readonly ProxyState[] = [
  {
    name: 'postgres',
    listen: '127.0.0.1:1',
    upstream: '127.0.0.1:2',
    enabled: false,
    toxics: [
      {
        name: nameOf({ run: 'a', n: 1, expiresAt }, 'disabled'),
        type: 'latency',
        stream: 'downstream',
        toxicity: 0,
        attributes: {},
      },
    ],
  },
  {
    name: leaseProxy,
    listen: '127.0.0.1:0',
    upstream: upstreamOf({ run: 'a', experiment: 'database-down', expiresAt }),
    enabled: false,
    toxics: [],
  },
];

const written = [
  {
    type: 'drill.lease',
    run: 'b',
    data: { state: 'taken', experiment: 'provider-down', expiresAt, processes: [] },
  },
  {
    type: 'fault.planned',
    run: 'b',
    data: { fault: 'fault-1', proxy: 'coinapi', kind: 'down', attributes: {}, expiresAt },
  },
] as unknown as readonly SiagaEvent[];

type Asked = Parameters<typeof ownDoing>[0];

const session = (list: () => Promise<readonly ProxyState[]>, events: readonly SiagaEvent[]): Asked => ({
  platform: { clock: { now: () => now }, faults: () => ({ list }) } as unknown as Session['platform'],
  target: { name: 'shop', toxiproxy: 'http://127.0.0.1:8474' } as Session['target'],
  store: { read: () => events } as unknown as Session['store'],
});

const silent = () => Promise.reject(new Error('no answer within 2000 ms'));

describe('what Siaga itself does to a target', () => {
  it('row 41: is what its Toxiproxy lists', async () => {
    expect(await ownDoing(session(async () => proxies, []))).toEqual({
      drill: { run: 'a', experiment: 'database-down', expiresAt },
      faults: [{ run: 'a', fault: 'fault-1', proxy: 'postgres', what: 'down', expiresAt }],
    });
  });

  it('is what runs of this project wrote down where Toxiproxy does not answer', async () => {
    expect(await ownDoing(session(silent, written))).toEqual({
      drill: { run: 'b', experiment: 'provider-down', expiresAt },
      faults: [{ run: 'b', fault: 'fault-1', proxy: 'coinapi', what: 'down', expiresAt }],
    });
  });

  it('is a drill without a fault before the first one goes in', async () => {
    const [taken] = written;
    expect(await ownDoing(session(async () => [], taken ? [taken] : []))).toMatchObject({
      drill: { run: 'b' },
      faults: [],
    });
  });

  it('is what is written down where it has no Toxiproxy, and of that target alone', async () => {
    const asked: unknown[] = [];
    const doing = await ownDoing({
      ...session(silent, []),
      target: { name: 'shop' } as Session['target'],
      store: { read: (query: unknown) => (asked.push(query), written) } as unknown as Session['store'],
    });
    expect(doing).toMatchObject({ drill: { run: 'b' }, faults: [{ run: 'b' }] });
    expect(asked).toEqual([{ target: 'shop', types: ['drill.lease', 'fault.planned', 'fault.removed'] }]);
  });

  it('is nothing where nobody tells of any', async () => {
    expect(await ownDoing(session(async () => [], []))).toEqual({ faults: [] });
  });
});
