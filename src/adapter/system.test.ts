import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { sameClock } from '../kernel/boot.ts';
import { bootId, systemClock, systemRandom } from './system.ts';

describe('the clock of the system', () => {
  it('sleeps at least as long as asked, by the clock that never jumps', async () => {
    const before = systemClock.monotonic();
    await systemClock.sleep(30);
    expect(systemClock.monotonic() - before).toBeGreaterThanOrEqual(30);
  });

  it('wakes with the reason of the signal that aborts', async () => {
    const stop = new AbortController();
    const slept = systemClock.sleep(60_000, stop.signal);
    const reason = new Error('Ctrl-C');
    stop.abort(reason);
    await expect(slept).rejects.toBe(reason);
  });

  it('does not begin to sleep for a signal that has aborted', async () => {
    const reason = new Error('too late');
    await expect(systemClock.sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it('does not return at once when asked for more than a timer can hold', async () => {
    const stop = new AbortController();
    const slept = systemClock.sleep(2 ** 33, stop.signal).then(
      () => 'returned',
      () => 'aborted',
    );
    await systemClock.sleep(20);
    stop.abort();
    expect(await slept).toBe('aborted');
  });
});

describe('the randomness of the system', () => {
  it('gives numbers in [0, 1)', () => {
    const numbers = Array.from({ length: 2_000 }, () => systemRandom.next());
    expect(numbers.every((n) => n >= 0 && n < 1)).toBe(true);
    expect(new Set(numbers).size).toBe(2_000);
  });

  it('gives ids of lower-case letters and digits, never one twice', () => {
    const ids = Array.from({ length: 2_000 }, () => systemRandom.id(12));
    expect(ids.every((id) => /^[a-z0-9]{12}$/.test(id))).toBe(true);
    expect(new Set(ids).size).toBe(2_000);
  });
});

it('row 12: a process has a name of its own, and shares the monotonic clock with others of this boot', () => {
  const module = fileURLToPath(new URL('system.ts', import.meta.url));
  const script = `import { bootId, systemClock } from ${JSON.stringify(module)};
    console.log(JSON.stringify({ boot: bootId, mono: systemClock.monotonic() }))`;
  const run = ['--input-type=module', '-e', script];
  const before = systemClock.monotonic();
  const other: unknown = JSON.parse(execFileSync(process.execPath, run, { encoding: 'utf8' }));
  const { boot, mono } = other as { boot: string; mono: number };
  expect(boot).toMatch(/^(?:[0-9a-f]{12}\.)?[a-z0-9]{12}$/);
  expect(boot).not.toBe(bootId);
  expect(sameClock({ boot }, { boot: bootId })).toBe(bootId.includes('.'));
  if (!bootId.includes('.')) return;
  expect(mono).toBeGreaterThan(before);
  expect(mono).toBeLessThan(systemClock.monotonic());
});

it('row 12: the run’s own time is not the wall clock, which may step', () => {
  const wall = vi.spyOn(Date, 'now').mockReturnValue(0);
  try {
    expect(systemClock.wall?.()).toBe(0);
    expect(systemClock.now()).toBeGreaterThan(1_700_000_000_000);
  } finally {
    wall.mockRestore();
  }
});
