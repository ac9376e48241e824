import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** Longer than an empty Node program takes to start on a machine that is not short of processors. */
const startsWithinMs = 150;

/** Beyond this, what has not come does not come. */
const neverAfterMs = 60_000;

/** A promise about time: something holds `ms` after `since`, a time of `performance.now()`. */
type Promised = (ms: number, since: number, assertion: () => unknown, machine?: Machine) => Promise<void>;

interface Machine {
  readonly neverMs?: number;
  readonly startMs?: () => Promise<number>;
}

/**
 * Holds a promise about time as soon as the assertion passes. Where it does not in time, it is asked on until it does,
 * so that what comes late is told apart from what never comes. Late is an error too, except where the machine itself
 * is slow: as many times as an empty program takes longer to start than it should, so much longer may it take.
 *
 * @throws what the assertion throws, where it never passes
 */
export const expectWithin: Promised = (ms, since, assertion, machine) =>
  hold({ ms, since, ...machine }, assertion);

/** As `expectWithin`, but looks at that time and not before: what could still come until then must not. */
export const expectBy: Promised = async (ms, since, assertion, machine) => {
  await sleep(Math.max(0, ms - (performance.now() - since)));
  await hold({ ms, since, ...machine }, assertion);
};

async function hold(
  { ms, since, neverMs = neverAfterMs, startMs = startOfNode }: Machine & { ms: number; since: number },
  assertion: () => unknown,
): Promise<void> {
  const starts: number[] = [];
  for (let looks = 0; ; looks++) {
    const tookMs = performance.now() - since;
    const failure = await failureOf(assertion);
    if (failure === undefined) {
      if (looks === 0 || tookMs <= ms) return;
      // The look before may have been a moment too early to be a late one.
      if (starts.length === 0) starts.push(await startMs());
      return inTime(ms, tookMs, starts);
    }
    if (tookMs > ms + neverMs) throw failure;
    if (tookMs >= ms) starts.push(await startMs());
    await sleep(20);
  }
}

function inTime(ms: number, tookMs: number, starts: readonly number[]): void {
  const slowest = Math.max(...starts);
  if (tookMs <= ms * Math.max(1, slowest / startsWithinMs)) return;
  const machine = `an empty program started within ${Math.round(slowest)} ms meanwhile`;
  throw new Error(`after ${Math.round(tookMs)} ms instead of ${ms} ms; ${machine}`);
}

async function failureOf(assertion: () => unknown): Promise<unknown> {
  try {
    await assertion();
    return undefined;
  } catch (error) {
    return error ?? new Error('failed');
  }
}

async function startOfNode(): Promise<number> {
  const began = performance.now();
  await promisify(execFile)(process.execPath, ['--eval', '0']);
  return performance.now() - began;
}
