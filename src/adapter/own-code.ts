import { AsyncLocalStorage } from 'node:async_hooks';

const running = new AsyncLocalStorage<string>();

/**
 * The part of a project whose code is running, or whose code something was left behind by: a timer, a promise nobody waits
 * for. `undefined` in code of ours.
 */
export const ownCodeRunning = (): string | undefined => running.getStore();

export interface OwnCall {
  /** What it is called where it goes wrong: `channel slack`. */
  readonly part: string;
  /** Longest it may take. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Calls a project's own code. Rejects with what it throws, when the signal aborts, and when the time is up; a promise
 * that never settles is left alone, its signal aborted.
 */
export async function callOwn<T>(
  { part, timeoutMs, signal }: OwnCall,
  call: (signal: AbortSignal) => T | Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const end = (why: unknown): void => {
    stop.abort(why);
    reject(why);
  };
  const timer = setTimeout(() => end(new Error(`no answer within ${timeoutMs / 1_000} s`)), timeoutMs);
  const aborted = (): void => end(signal?.reason);
  if (signal?.aborted === true) aborted();
  signal?.addEventListener('abort', aborted, { once: true });
  try {
    return await Promise.race([running.run(part, async () => call(stop.signal)), ended]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', aborted);
  }
}
