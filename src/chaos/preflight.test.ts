import { describe, expect, it } from 'vitest';
import { SiagaError } from '../kernel/errors.ts';
import type { AnyExperiment } from './definition.ts';
import { leaseProxy, nameOf, upstreamOf } from './names.ts';
import type { CallMeter, ProxyState } from './ports.ts';
import { assertBreakable } from './preflight.ts';

const now = 1_767_225_600_000;
const expiresAt = now + 30_000;
const runner = { machine: 'a1', pid: 7, startTime: '1' };

const proxy = (name: string, over: Partial<ProxyState> = {}): ProxyState => ({
  name,
  listen: '127.0.0.1:1',
  upstream: '127.0.0.1:2',
  enabled: true,
  toxics: [],
  ...over,
});
const lease = proxy(leaseProxy, {
  upstream: upstreamOf({ run: 'first', experiment: 'database-slow', expiresAt, processes: [runner] }),
});
const broken = proxy('postgres', {
  toxics: [
    {
      name: nameOf({ run: 'dead', n: 1, expiresAt }, 'whole'),
      type: 'latency',
      stream: 'downstream',
      toxicity: 1,
      attributes: { latency: 1_000, jitter: 0 },
    },
  ],
});

const breaking = (name: string): AnyExperiment => ({ faults: [{ proxy: name }] }) as unknown as AnyExperiment;

const totals = { count: 1, errors: 0, timed: 1, totalMs: 1, at: now };

function look(
  proxies: readonly ProxyState[],
  name = 'postgres',
  read: CallMeter['read'] = async () => totals,
) {
  const context = {
    faults: { url: 'http://127.0.0.1:8474', list: async () => proxies },
    calls: { read },
    target: { proxies: { postgres: { calls: {} }, postgress: { calls: {} } } },
    clock: { now: () => now },
  } as unknown as Parameters<typeof assertBreakable>[1];
  return assertBreakable([breaking(name)], context, ({ pid }) => pid !== runner.pid);
}

describe('what is to be broken is looked at before anything is started', () => {
  it('and is as it should be', async () => {
    await expect(look([proxy('postgres')])).resolves.toBeUndefined();
  });

  it.each<[string, () => Promise<void>, object]>([
    [
      'row 40: a proxy that Toxiproxy does not know, the nearest named',
      () => look([proxy('postgres'), proxy('redis')], 'postgress'),
      { code: 'unknown-proxy', exitCode: 2, facts: { got: 'postgress', hint: 'did you mean postgres?' } },
    ],
    [
      'hostile: another run has the lease: it is named',
      () => look([proxy('postgres'), lease]),
      {
        code: 'target-leased',
        exitCode: 3,
        message: expect.stringContaining('first (experiment database-slow)'),
      },
    ],
    [
      'a fault of a dead run is still in',
      () => look([broken]),
      { code: 'faults-left', exitCode: 3, facts: { got: 'postgres: latency of 1 s (run dead)' } },
    ],
    [
      'row 36: a metric that does not exist',
      () =>
        look([proxy('postgres')], 'postgres', () =>
          Promise.reject(new SiagaError('unknown-metric', { what: 'no metric', exitCode: 3 })),
        ),
      { code: 'unknown-metric', exitCode: 3 },
    ],
  ])('%s', async (_, looked, error) => {
    await expect(looked()).rejects.toMatchObject(error);
  });
});
