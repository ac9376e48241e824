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

/** Observations made every 100 ms from 0 on, as they are written. */
function play(bucketMs: number, observations: readonly Partial<CheckFinished>[]) {
  const written: { at: number; outcome: string; unwritten: number }[] = [];
  let now = 60_000;
  const append = (draft: Draft) => {
    if (draft.type === 'check.finished') {
      const { outcome, unwritten = 0 } = draft.data;
      written.push({ at: (draft.at ?? now) - 60_000, outcome, unwritten });
    }
    return draft as SiagaEvent;
  };
  const context = { journal: { append }, clock: { now: () => now }, bucketMs } as unknown as SamplingContext;
  const recorder = createRecorder(context, 'changes');
  for (const observation of observations) {
    recorder.finished({ finished: observed(observation), feeds: [] });
    now += 100;
  }
  return { recorder, written };
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
    ['the first in a bucket is, also inside a second', 2_500, times(31), [0, 1_000, 2_000, 2_500, 3_000]],
  ])('%s', (_, bucketMs, observations, expected) => {
    expect(play(bucketMs, observations).written.map(({ at }) => at)).toEqual(expected);
  });

  test('row 27: those that are not written are counted, so that a share is of probes', () => {
    const failed = { outcome: 'failed' } as const;
    const { recorder, written } = play(60_000, [...times(7), failed, ...times(50), ...times(4)]);
    recorder.drain();
    expect(written).toEqual([
      { at: 0, outcome: 'passed', unwritten: 0 },
      { at: 700, outcome: 'failed', unwritten: 6 },
      { at: 800, outcome: 'passed', unwritten: 0 },
      { at: 5_000, outcome: 'passed', unwritten: 41 },
      { at: 6_100, outcome: 'passed', unwritten: 10 },
    ]);
    expect(written.reduce((sum, { unwritten }) => sum + 1 + unwritten, 0)).toBe(62);
    recorder.drain();
    expect(written).toHaveLength(5);
  });
});

test('a sample goes to the signal that its check names, or to the one that has its role', () => {
  const drafts: Draft[] = [];
  const context = {
    journal: { append: (draft: Draft) => drafts.push(draft) },
    clock: { now: () => 60_000 },
    bucketMs: 60_000,
    roles: { latency: 'wait' },
  } as unknown as SamplingContext;
  const recorder = createRecorder(context, 'every');
  recorder.finished({
    finished: observed({}),
    feeds: [
      { role: 'latency', kind: 'value', value: 5 },
      { signal: 'age', kind: 'value', value: 7 },
    ],
  });
  recorder.drain();
  const samples = drafts.flatMap(({ type, data }) => (type === 'samples' ? [data.signal] : []));
  expect(samples).toEqual(['wait', 'age']);
});
