import { expect, test } from 'vitest';
import { CpuWatch } from './cpu.ts';

test.each([
  [10_000, 2, 2, 0.1],
  [10_000, 40, 4, 1],
  [1_999, 1, 2, undefined],
])('in %i ms, %i CPU seconds on %i cores: %s', (ms, used, cores, share) => {
  const times = [0, ms];
  const spent = [3, 3 + used];
  const watch = new CpuWatch(
    { cores, cpuSeconds: () => spent.shift(), cpuWaits: () => undefined },
    { monotonic: () => times.shift() ?? 0, now: () => 0 },
  );
  watch.look();
  watch.look();
  expect(watch.share()).toBe(share);
});

test('a system that does not tell leaves it open', () => {
  const watch = new CpuWatch(
    { cores: 2, cpuSeconds: () => undefined, cpuWaits: () => undefined },
    { monotonic: () => 0, now: () => 0 },
  );
  watch.look();
  expect(watch.share()).toBeUndefined();
});

test('suspicious: a thread that waited for a processor more than a fifth of the time was short of CPU', () => {
  const waits = [
    [1, 50],
    [1, 100],
    [1, 151],
    [1, 1_151],
  ] as const;
  const looks = waits.map(([thread, ms]) => new Map([[thread, ms]]));
  let now = 10_000;
  const watch = new CpuWatch(
    { cores: 2, cpuSeconds: () => 1, cpuWaits: () => looks.shift() },
    { monotonic: () => now, now: () => now },
  );
  for (; looks.length > 0; now += 250) watch.look();
  expect(watch.starved).toEqual([
    { from: 10_250, to: 10_500 },
    { from: 10_500, to: 10_750 },
  ]);
});
