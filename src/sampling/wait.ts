import type { SamplingContext } from './context.ts';

/** Sleeps until a monotonic time; tells whether to go on, which is false once the signal ended it. */
export async function waitUntil(due: number, { clock, signal }: SamplingContext): Promise<boolean> {
  try {
    await clock.sleep(due - clock.monotonic(), signal);
    return !signal.aborted;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}
