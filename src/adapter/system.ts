import { createHash, randomBytes, randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock, Random } from '../kernel/ports.ts';

// A longer timer fires at once.
const longestTimerMs = 2 ** 31 - 1;

// The kernel's own monotonic clock: on one machine it is the same for every process.
const monotonic = (): number => Number(process.hrtime.bigint()) / 1e6;
const anchor = Date.now() - monotonic();

/** The clocks and timers of this process. A sleep keeps the process alive; `0` or less still yields once. */
export const systemClock: Clock = {
  now: () => Math.round(anchor + monotonic()),
  monotonic,
  wall: () => Date.now(),
  sleep,
};

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const end = performance.now() + ms;
  do {
    const left = Math.min(Math.max(end - performance.now(), 0), longestTimerMs);
    await pause(left, signal);
  } while (performance.now() < end);
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(ms, undefined, signal ? { signal } : {});
  } catch (error) {
    // Node wraps the reason in an AbortError; callers are promised the reason itself.
    signal?.throwIfAborted();
    throw error;
  }
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** Cryptographic randomness; `next` has 48 bits. */
export const systemRandom: Random = {
  next: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
  id: (length) => Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join(''),
};

/**
 * Names this process; another one, or the same one started again, has another. Where the machine's boot is known
 * (Linux), its name and a dot come first: processes that share it share the monotonic clock.
 */
export const bootId: string = [...machineBoot(), systemRandom.id(12)].join('.');

// Hashed: the machine's own id is nobody else's business.
function machineBoot(): readonly string[] {
  try {
    const id = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return id === '' ? [] : [createHash('sha256').update(id).digest('hex').slice(0, 12)];
  } catch {
    return [];
  }
}
