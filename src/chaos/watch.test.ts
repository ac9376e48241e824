import { describe, expect, it } from 'vitest';
import { nameOf } from './names.ts';
import type { ProxyState, ToxicState } from './ports.ts';
import { changedByOthers } from './watch.ts';

const ours = { run: 'a', n: 1, expiresAt: 1_767_225_600_000 };
const toxic = (name: string, over: Partial<ToxicState> = {}): ToxicState => ({
  name,
  type: 'latency',
  stream: 'downstream',
  toxicity: 1,
  attributes: { latency: 1_000, jitter: 0 },
  ...over,
});
const proxy = (over: Partial<ProxyState> = {}): ProxyState => ({
  name: 'postgres',
  listen: '127.0.0.1:1',
  upstream: '127.0.0.1:5432',
  enabled: true,
  toxics: [],
  ...over,
});
const foreign = toxic('foreign');
const lease = proxy({ name: 'siaga.lease', enabled: false });

describe('row 11: what somebody else changed in Toxiproxy', () => {
  it.each<[string, readonly ProxyState[], readonly ProxyState[], string | undefined]>([
    ['nothing', [proxy()], [proxy()], undefined],
    ['our own toxic went in', [proxy()], [proxy({ toxics: [toxic(nameOf(ours, 'whole'))] })], undefined],
    [
      'our own fault disabled it',
      [proxy()],
      [proxy({ enabled: false, toxics: [toxic(nameOf(ours, 'disabled'))] })],
      undefined,
    ],
    ['our lease went', [proxy(), lease], [proxy()], undefined],
    [
      'a toxic that was there stays',
      [proxy({ toxics: [foreign] })],
      [proxy({ toxics: [foreign] })],
      undefined,
    ],
    [
      'a toxic came',
      [proxy()],
      [proxy({ toxics: [foreign] })],
      'toxic foreign (latency jitter 0 latency 1000',
    ],
    ['a toxic went', [proxy({ toxics: [foreign] })], [proxy()], 'was upstream 127.0.0.1:5432, toxic foreign'],
    [
      'a toxic became another',
      [proxy({ toxics: [foreign] })],
      [proxy({ toxics: [toxic('foreign', { toxicity: 0.5 })] })],
      'toxicity 0.5',
    ],
    [
      "a toxic of another of Siaga's runs came",
      [proxy()],
      [proxy({ toxics: [toxic(nameOf({ ...ours, run: 'b' }, 'whole'))] })],
      'toxic siaga.b.1.',
    ],
    ['it was disabled, and not by us', [proxy()], [proxy({ enabled: false })], 'reads as disabled'],
    ['it leads elsewhere', [proxy()], [proxy({ upstream: '127.0.0.1:1' })], 'upstream 127.0.0.1:1'],
    ['it is gone', [proxy()], [], 'the proxy postgres is gone'],
  ])('%s', (_, before, now, how) => {
    const found = changedByOthers(before, now, 'a');
    expect(found ?? 'nothing').toContain(how ?? 'nothing');
  });
});
