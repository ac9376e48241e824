import { describe, expect, test } from 'vitest';
import type { CheckFinished } from '../event/catalogue.ts';
import type { Draft, SiagaEvent } from '../event/envelope.ts';
import type { SamplingContext } from './context.ts';
import { createRecorder } from './recorder.ts';

const observed = (over: Partial<CheckFinished>): CheckFinished => ({
  check: 'a',
  title: 'a',
  tags: [],
  outcome: 'passed',
  violations: [],
  durationMs: 1,
  latenessMs: 0,
  loopLagMs: 0,
  lane: 'a',
  states: {},
  ...over,
});

/** Times at which observations were written, of those made every 100 ms. */
function written(bucketMs: number, observations: readonly Partial<CheckFinished>[]): number[] {
  const at: number[] = [];
  let now = 60_000;
  const append = (draft: Draft) => {
    at.push(now - 60_000);
    return draft as SiagaEvent;
  };
  const context = { journal: { append }, clock: { now: () => now }, bucketMs } as unknown as SamplingContext;
  const recorder = createRecorder(context, 'changes');
  for (const observation of observations) {
    recorder.finished({ finished: observed(observation), feeds: [] });
    now += 100;
  }
  return at;
}

const times = (count: number, over: Partial<CheckFinished> = {}) => Array.from({ length: count }, () => over);

describe('of many observations that say the same', () => {
  test.each<[string, number, readonly Partial<CheckFinished>[], number[]]>([
    ['one a second is written where a bucket lasts two', 2_000, times(25), [0, 1_000, 2_000]],
    ['one in five seconds at full length', 60_000, times(60), [0, 5_000]],
    [
      'every failure is',
      60_000,
      [...times(2), ...times(3, { outcome: 'failed' }), {}, {}],
      [0, 200, 300, 400, 500],
    ],
    [
      'every change of a state is',
      60_000,
      [...times(3), ...times(3, { states: { fallback: true } })],
      [0, 300],
    ],
    ['a number is told each second', 60_000, times(25, { states: { price: 1 } }), [0, 1_000, 2_000]],
  ])('%s', (_, bucketMs, observations, expected) => {
    expect(written(bucketMs, observations)).toEqual(expected);
  });
});
