import { expect, test } from 'vitest';
import type { Answer } from './answer.ts';
import { Slots } from './slots.ts';

const ok = (at: number, latencyMs = 5): Answer => ({ at, outcome: 'ok', serverError: false, latencyMs });
const spans = (slots: Slots, now: number) =>
  slots
    .take(now)
    .filter(({ signal }) => signal === 'rest.errors')
    .map(({ from, to }) => [from, to]);

test('a second is written once its points are all in, not before', () => {
  const slots = new Slots({ bucketMs: 12_000 });
  slots.add('GET /', ok(1_000));
  expect(spans(slots, 2_599)).toEqual([]);
  expect(spans(slots, 2_600)).toEqual([[1_000, 2_000]]);
  expect(spans(slots, 9_000)).toEqual([]);
});

test('a batch ends at the edge of its bucket', () => {
  const slots = new Slots({ bucketMs: 2_500 });
  for (const at of [2_400, 2_499, 2_500, 2_999]) slots.add('GET /', ok(at));
  expect(spans(slots, Number.POSITIVE_INFINITY)).toEqual([
    [2_000, 2_500],
    [2_500, 3_000],
  ]);
});

test('what comes after its second was written is written with the same bounds', () => {
  const slots = new Slots({ bucketMs: 12_000 });
  slots.add('GET /', ok(1_000, 5));
  slots.take(10_000);
  slots.add('GET /', ok(1_500, 7.1234));
  expect(slots.take(10_000)[0]).toMatchObject({
    from: 1_000,
    to: 2_000,
    data: { kind: 'values', values: [7.12] },
  });
});

test('endpoints have batches of their own; errors, server errors and throttled are counted apart', () => {
  const slots = new Slots({ bucketMs: 12_000 });
  slots.add('GET /a', ok(1_000));
  slots.add('GET /b', { at: 1_001, outcome: 'error', serverError: true });
  slots.add('GET /b', { at: 1_002, outcome: 'error', serverError: false, latencyMs: 3 });
  slots.add('GET /b', { at: 1_003, outcome: 'throttled', serverError: false });
  const ofB = slots.take(Number.POSITIVE_INFINITY).filter(({ labels }) => labels['endpoint'] === 'GET /b');
  expect(ofB.map(({ signal, data }) => [signal, data])).toEqual([
    ['rest.latency', { kind: 'values', values: [3] }],
    ['rest.errors', { kind: 'ratio', total: 2, bad: 2, throttled: 1 }],
    ['rest.5xx', { kind: 'ratio', total: 2, bad: 1, throttled: 1 }],
  ]);
});

test('a batch is of the signal that has the role', () => {
  const slots = new Slots({ bucketMs: 12_000, roles: { latency: 'wait', errors: 'refused' } });
  slots.add('GET /', ok(1_000));
  const signals = slots.take(Number.POSITIVE_INFINITY).map(({ signal }) => signal);
  expect(signals).toEqual(['wait', 'refused', 'requests:server-errors']);
});
