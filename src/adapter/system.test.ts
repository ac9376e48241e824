import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
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

it('every process has its own boot id', () => {
  const module = fileURLToPath(new URL('system.ts', import.meta.url));
  const script = `import { bootId } from ${JSON.stringify(module)}; console.log(bootId)`;
  const other = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(other.trim()).toMatch(/^[a-z0-9]{12}$/);
  expect(other.trim()).not.toBe(bootId);
});
