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
    { cores, cpuSeconds: () => spent.shift() },
    { monotonic: () => times.shift() ?? 0 },
  );
  watch.look();
  watch.look();
  expect(watch.share()).toBe(share);
});

test('a system that does not tell leaves it open', () => {
  const watch = new CpuWatch({ cores: 2, cpuSeconds: () => undefined }, { monotonic: () => 0 });
  watch.look();
  expect(watch.share()).toBeUndefined();
});
