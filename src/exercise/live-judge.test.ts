import { expect, test } from 'vitest';
import type { Draft, Journal, SiagaEvent } from '../event/envelope.ts';
import { judge, minute, origin } from '../incident/testing/play.ts';
import { judgeLive } from './live-judge.ts';

/** The clock jumps that are written while time passes, a wall clock moving so much too far in the second minute. */
async function jumps(byMs: number): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  const [clock, ended] = [{ wall: origin, mono: 0 }, Promise.withResolvers<void>()];
  let ticks = 0;
  const append = (draft: Draft): SiagaEvent => {
    if (draft.type === 'clock.jump') found.push(draft.data.byMs);
    if (draft.type === 'tick' && (ticks += 1) === 4) ended.resolve();
    return draft as SiagaEvent;
  };
  const journal = { append, subscribe: () => () => undefined, events: () => [] } as unknown as Journal;
  const sleep = (ms: number, signal?: AbortSignal): Promise<void> => {
    clock.mono += ms;
    clock.wall += ms + (clock.mono > minute && clock.mono - ms <= minute ? byMs : 0);
    return signal?.aborted
      ? Promise.reject(new Error('stopped'))
      : new Promise((woken) => setImmediate(woken));
  };
  const live = judgeLive({
    journal,
    judge,
    clock: { now: () => clock.wall, monotonic: () => clock.mono, sleep },
  });
  await ended.promise;
  await live.stop();
  return found;
}

test.each([
  ['a clock that is set forward', 90_000, [90_000]],
  ['a clock that is set back', -90_000, [-90_000]],
  ['a suspended machine', 8 * 60 * minute, [8 * 60 * minute]],
  ['two seconds are nothing', 2_000, []],
])('%s is one jump, told with its size', async (_, byMs, expected) => {
  expect(await jumps(byMs)).toEqual(expected);
});
