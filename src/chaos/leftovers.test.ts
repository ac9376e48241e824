import { describe, expect, it } from 'vitest';
import { describeLeftover, isHeld, leftoversIn, liveRuns, ofRun } from './leftovers.ts';
import { leaseProxy, nameOf, upstreamOf } from './names.ts';
import type { ProxyState } from './ports.ts';

const now = 1_767_225_600_000;
const toxic = (name: string) => ({
  name,
  type: 'latency',
  stream: 'downstream' as const,
  toxicity: 1,
  attributes: {},
});
const owner = (run: string, expiresAt = now + 60_000) => ({ run, n: 1, expiresAt });

const web = (...names: readonly string[]): ProxyState => ({
  name: 'web',
  listen: '127.0.0.1:1',
  upstream: '127.0.0.1:2',
  enabled: true,
  toxics: names.map(toxic),
});

const lease = (run: string, expiresAt = now + 30_000): ProxyState => ({
  name: leaseProxy,
  listen: '127.0.0.1:0',
  upstream: upstreamOf({ run, expiresAt }),
  enabled: false,
  toxics: [],
});

describe('leftovers', () => {
  it('are ours alone, and the lease comes last', () => {
    const proxies = [lease('a'), web('foreign', nameOf(owner('a'), 'whole'), nameOf(owner('a'), 'disabled'))];
    expect(leftoversIn(proxies).map(({ kind, proxy }) => [kind, proxy])).toEqual([
      ['toxic', 'web'],
      ['disabled', 'web'],
      ['lease', leaseProxy],
    ]);
  });

  it('name their run and their end', () => {
    const [leftover] = leftoversIn([web(nameOf(owner('7f3k', now), 'disabled'))]);
    expect(leftover && describeLeftover(leftover)).toBe(
      'disabled proxy web (run 7f3k, until 2026-01-01T00:00:00.000Z)',
    );
  });

  it.each([
    ['its run holds its lease', [lease('a'), web(nameOf(owner('a'), 'whole'))], true],
    ['nobody holds a lease', [web(nameOf(owner('a'), 'whole'))], false],
    ['another run holds the lease', [lease('b'), web(nameOf(owner('a'), 'whole'))], false],
    ['its lease has expired', [lease('a', now - 3_000), web(nameOf(owner('a'), 'whole'))], false],
    [
      'its lease ended within the skew of clocks',
      [lease('a', now - 1_000), web(nameOf(owner('a'), 'whole'))],
      true,
    ],
    ['its own time is over', [lease('a'), web(nameOf(owner('a', now - 3_000), 'whole'))], false],
  ])('are held or not: %s', (_, proxies, held) => {
    const [leftover] = leftoversIn(proxies).filter(({ kind }) => kind === 'toxic');
    expect(
      leftover &&
        isHeld(
          leftover,
          liveRuns(proxies, now, () => false),
          now,
        ),
    ).toBe(held);
  });

  it('row 41: are held by nobody once runner and guard are known to have ended', () => {
    const runner = { machine: 'a1', pid: 1, startTime: '7' };
    const guard = { machine: 'a1', pid: 2, startTime: '8' };
    const held = { run: 'a', expiresAt: now + 30_000, processes: [runner, guard] };
    const proxies = [{ ...lease('a'), upstream: upstreamOf(held) }, web(nameOf(owner('a'), 'whole'))];
    const live = (ended: readonly unknown[]) => [...liveRuns(proxies, now, ({ pid }) => ended.includes(pid))];
    expect(live([])).toEqual(['a']);
    expect(live([1])).toEqual(['a']);
    expect(live([1, 2])).toEqual([]);
  });

  it('are told apart by run', () => {
    const proxies = [web(nameOf(owner('a'), 'whole'), nameOf(owner('b'), 'whole'))];
    expect(leftoversIn(proxies).filter(ofRun('b'))).toHaveLength(1);
  });
});
