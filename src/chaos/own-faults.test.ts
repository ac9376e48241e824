import { describe, expect, it } from 'vitest';
import type { Draft, SiagaEvent } from '../event/envelope.ts';
import { nameOf } from './names.ts';
import { faultsInToxiproxy, faultsInEvents } from './own-faults.ts';
import type { ProxyState } from './ports.ts';

const now = 1_767_225_600_000;
const owner = { run: 'a', n: 1, expiresAt: now + 60_000 };

const proxy = (...toxics: readonly { name: string; type?: string; latency?: number }[]): ProxyState => ({
  name: 'postgres',
  listen: '127.0.0.1:1',
  upstream: '127.0.0.1:2',
  enabled: true,
  toxics: toxics.map(({ name, type = 'latency', latency = 1_000 }) => ({
    name,
    type,
    stream: 'downstream' as const,
    toxicity: 1,
    attributes: { latency, jitter: 0 },
  })),
});

const event = (run: string, draft: Draft): SiagaEvent => ({ run, ...draft }) as unknown as SiagaEvent;

const planned = (run: string, expiresAt = now + 60_000): SiagaEvent =>
  event(run, {
    type: 'fault.planned',
    data: {
      fault: 'fault-1',
      proxy: 'postgres',
      kind: 'latency',
      attributes: { latency: 1_000, jitter: 0 },
      stream: 'downstream',
      toxicity: 1,
      forMs: 10_000,
      experiment: 'database-slow',
      toxiproxy: 'http://127.0.0.1:8474',
      expiresAt,
    },
  });

const known = { run: 'a', fault: 'fault-1', proxy: 'postgres', expiresAt: now + 60_000 };

describe('row 41: our own faults in a target', () => {
  it('are told from others by what Toxiproxy lists', () => {
    const listed = proxy({ name: 'somebody' }, { name: nameOf(owner, 'whole') });
    expect(faultsInToxiproxy([listed])).toEqual([{ ...known, what: 'latency of 1 s' }]);
    expect(faultsInToxiproxy([proxy({ name: nameOf(owner, 'disabled') })])).toEqual([
      { ...known, what: 'down' },
    ]);
  });

  it('are one where one goes both ways', () => {
    const both = proxy({ name: nameOf(owner, 'upstream') }, { name: nameOf(owner, 'downstream') });
    expect(faultsInToxiproxy([both])).toHaveLength(1);
  });

  it('are what the ledger has planned and not undone, whoever undid it', () => {
    const removed = event('a', {
      type: 'fault.removed',
      data: { fault: 'fault-1', proxy: 'postgres', by: 'heal', rung: 'toxic-deleted' },
    });
    expect(faultsInEvents([planned('a')], now)).toEqual([{ ...known, what: 'latency of 1 s' }]);
    expect(faultsInEvents([planned('a'), removed], now)).toEqual([]);
    expect(faultsInEvents([planned('b'), planned('a'), removed], now)).toMatchObject([{ run: 'b' }]);
  });

  it('are no longer known from the ledger once their time is over', () => {
    expect(faultsInEvents([planned('a', now - 1)], now)).toEqual([]);
  });
});
