import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SampleData } from '../event/samples.ts';
import { windowMs, windowOf } from '../signal/window.ts';
import { Batcher, type Sample } from './recorder.ts';

const sample = (at: number, value: number, over: Partial<Sample> = {}): Sample => ({
  signal: 'rest.latency',
  labels: { endpoint: 'GET /a' },
  source: 'probe',
  at,
  data: { kind: 'values', values: [value] },
  ...over,
});

function batched(samples: readonly Sample[], bucketMs = 12_000) {
  const batcher = new Batcher(bucketMs);
  for (const one of samples) batcher.add(one);
  return batcher.drain();
}

describe('a window', () => {
  test.each([
    ['is a second', 1_700, 12_000, 1_000, 2_000],
    ['is five seconds at full length', 61_700, 60_000, 60_000, 65_000],
    ['begins on its edge', 2_000, 2_000, 2_000, 3_000],
    ['is cut by the end of its bucket', 2_400, 2_500, 2_000, 2_500],
    ['is cut by the start of its bucket', 2_600, 2_500, 2_500, 3_000],
    ['is the bucket where that is shorter', 450, 200, 400, 600],
  ])('%s', (_name, at, bucketMs, from, to) => {
    expect(windowOf(at, bucketMs)).toEqual({ from, to });
  });
});

describe('samples', () => {
  test('of one signal, label set and window are one batch, in order', () => {
    const [batch, ...others] = batched([sample(1_100, 3), sample(1_900, 1), sample(1_200, 2)]);
    expect(others).toEqual([]);
    expect(batch).toMatchObject({ from: 1_000, to: 2_000, source: 'probe', data: { values: [3, 1, 2] } });
  });

  test.each<[string, Partial<Sample>]>([
    ['signal', { signal: 'ws.roundtrip' }],
    ['label', { labels: { endpoint: 'GET /b' } }],
    ['source', { source: 'server' }],
    ['second', { at: 2_000 }],
    ['kind', { data: { kind: 'counter', increase: 1 } }],
  ])('of another %s are another batch', (_name, over) => {
    expect(batched([sample(1_500, 1), sample(1_500, 1, over)])).toHaveLength(2);
  });

  test('labels in another order are the same labels', () => {
    const labels = [
      { a: '1', b: '2' },
      { b: '2', a: '1' },
    ];
    expect(batched(labels.map((each) => sample(1_500, 1, { labels: each })))).toHaveLength(1);
  });

  test.each<[SampleData, SampleData, SampleData]>([
    [
      { kind: 'ratio', total: 3, bad: 1, throttled: 0 },
      { kind: 'ratio', total: 0, bad: 0, throttled: 2 },
      { kind: 'ratio', total: 3, bad: 1, throttled: 2 },
    ],
    [
      { kind: 'counter', increase: 1.111 },
      { kind: 'counter', increase: 2 },
      { kind: 'counter', increase: 3.11 },
    ],
    [
      { kind: 'histogram', le: [5, null], counts: [1, 2] },
      { kind: 'histogram', le: [5, null], counts: [4, 0] },
      { kind: 'histogram', le: [5, null], counts: [5, 2] },
    ],
    [
      { kind: 'values', values: [1.005, 2.339] },
      { kind: 'values', values: [0.001] },
      { kind: 'values', values: [1, 2.34, 0] },
    ],
  ])('%j and %j are %j', (a, b, sum) => {
    expect(batched([sample(1, 0, { data: a }), sample(2, 0, { data: b })])[0]?.data).toEqual(sum);
  });
});

describe('a flush', () => {
  test('takes only windows that have ended, and each once', () => {
    const batcher = new Batcher(10_000);
    for (const at of [2_500, 1_500]) batcher.add(sample(at, at));
    expect(batcher.flush(1_999)).toEqual([]);
    expect(batcher.flush(2_000).map(({ from }) => from)).toEqual([1_000]);
    batcher.add(sample(1_700, 1));
    expect(batcher.flush(3_000).map(({ from }) => from)).toEqual([1_000, 2_000]);
    expect(batcher.drain()).toEqual([]);
  });
});

test('whatever the bucket, no sample is lost and no batch crosses an edge', () => {
  const times = fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 60 });
  fc.assert(
    fc.property(times, fc.constantFrom(2_000, 2_500, 7_000, 60_000 / 7), (at, bucketMs) => {
      const batches = batched(
        at.map((each) => sample(each, each)),
        bucketMs,
      );
      const values = batches.flatMap(({ data }) => (data.kind === 'values' ? data.values : []));
      expect(values.toSorted((a, b) => a - b)).toEqual(at.toSorted((a, b) => a - b));
      for (const { from, to } of batches) {
        expect(to - from).toBeLessThanOrEqual(windowMs(bucketMs));
        expect(Math.floor((to - 0.001) / bucketMs)).toBe(Math.floor(from / bucketMs + 1e-9));
      }
    }),
  );
});
