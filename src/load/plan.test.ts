import { expect, test } from 'vitest';
import { planOf } from './plan.ts';

const one = {
  executor: 'constant-arrival-rate',
  rate: 12,
  timeUnit: '4s',
  duration: '20s',
  tags: { endpoint: 'GET /a' },
};

test('rates add up, the latest end counts, endpoints come from tags', () => {
  const options = { scenarios: { a: one, b: { ...one, startTime: '5s', tags: { endpoint: 'GET /b' } } } };
  expect(planOf(options)).toMatchObject({
    open: true,
    rate: 6,
    durationMs: 25_000,
    endpoints: ['GET /a', 'GET /b'],
  });
});

test('the functions that scenarios call are named once', () => {
  const scenarios = { a: { ...one, exec: 'buy' }, b: { ...one, exec: 'buy' }, c: one };
  expect(planOf({ scenarios }).functions).toEqual(['buy']);
});

test('one scenario that waits for answers makes the whole of it unsure', () => {
  const options = { scenarios: { a: one, b: { executor: 'constant-vus', vus: 3 } } };
  expect(planOf(options)).toMatchObject({ open: false, rate: 3 });
});

test('thresholds are read in both forms', () => {
  const options = { thresholds: { a: ['p(95)<1', { threshold: 'max<2', abortOnFail: true }] } };
  expect(planOf(options).thresholds).toEqual({ a: ['p(95)<1', 'max<2'] });
});

test.each([[undefined], [null], [[]], [{ scenarios: null }], [{ scenarios: { a: null } }]])(
  '%j says nothing and breaks nothing',
  (options) => {
    expect(planOf(options)).toMatchObject({
      offers: [],
      open: false,
      rate: 0,
      endpoints: [],
      thresholds: {},
    });
  },
);
