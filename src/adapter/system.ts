import { randomBytes, randomInt } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock, Random } from '../kernel/ports.ts';

// A longer timer fires at once.
const longestTimerMs = 2 ** 31 - 1;

/** The clocks and timers of this process. A sleep keeps the process alive; `0` or less still yields once. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
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

/** Names this process and its monotonic clock; another process, or the same one started again, has another. */
export const bootId: string = systemRandom.id(12);
