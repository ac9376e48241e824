import { describe, expect, it } from 'vitest';
import type { DrillLease } from '../event/catalogue.ts';
import type { SiagaEvent } from '../event/envelope.ts';
import { drillInToxiproxy, drillInEvents } from './active-drill.ts';
import { leaseProxy, upstreamOf } from './names.ts';
import type { ProxyState } from './ports.ts';

const now = 1_767_225_600_000;
const runner = { machine: 'a1', pid: 1, startTime: '7' };
const guard = { machine: 'a1', pid: 2, startTime: '8' };
const nobody = () => false;

const lease = (run: string, state: DrillLease['state'], expiresAt = now + 30_000): SiagaEvent =>
  ({
    type: 'drill.lease',
    run,
    data: { state, experiment: 'provider-down', expiresAt, processes: [runner, guard] },
  }) as unknown as SiagaEvent;

const afterEndOf = (...pids: readonly number[]) =>
  drillInEvents([lease('a', 'taken')], now, ({ pid }) => pids.includes(pid))?.run;

const marker = (upstream: string): ProxyState => ({
  name: leaseProxy,
  listen: '127.0.0.1:0',
  upstream,
  enabled: false,
  toxics: [],
});

describe('the drill that events tell of', () => {
  it.each<[string, readonly SiagaEvent[], string | undefined]>([
    ['none was taken', [], undefined],
    ['taken', [lease('a', 'taken')], 'a'],
    ['released', [lease('a', 'taken'), lease('a', 'released')], undefined],
    ['taken again by the next experiment', [lease('a', 'released'), lease('a', 'taken')], 'a'],
    ['expired', [lease('a', 'taken', now - 3_000)], undefined],
    ['ended within the skew of clocks', [lease('a', 'taken', now - 1_000)], 'a'],
    ['renewed before it ended', [lease('a', 'taken', now - 9_000), lease('a', 'renewed')], 'a'],
    ['another run came after a dead one', [lease('a', 'taken', now - 9_000), lease('b', 'taken')], 'b'],
  ])('%s', (_, events, run) => {
    expect(drillInEvents(events, now, nobody)?.run).toBe(run);
  });

  it('names the experiment and the time it ends at', () => {
    expect(drillInEvents([lease('a', 'taken')], now, nobody)).toEqual({
      run: 'a',
      experiment: 'provider-down',
      expiresAt: now + 30_000,
    });
  });

  it('row 41: is over once its runner and its guard have ended on this machine', () => {
    expect([afterEndOf(), afterEndOf(1), afterEndOf(1, 2)]).toEqual(['a', 'a', undefined]);
  });
});

describe('the drill whose lease is in Toxiproxy', () => {
  const held = { run: 'a', expiresAt: now + 30_000, experiment: 'provider-down', processes: [runner] };

  it('is told by run and experiment', () => {
    const { processes: _, ...told } = held;
    expect(drillInToxiproxy([marker(upstreamOf(held))], now, nobody)).toEqual(told);
  });

  it('row 41: is none where it has expired or its processes have ended', () => {
    expect(
      drillInToxiproxy([marker(upstreamOf({ ...held, expiresAt: now - 3_000 }))], now, nobody),
    ).toBeUndefined();
    expect(drillInToxiproxy([marker(upstreamOf(held))], now, ({ pid }) => pid === 1)).toBeUndefined();
    expect(drillInToxiproxy([], now, nobody)).toBeUndefined();
  });
});
