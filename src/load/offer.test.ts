import { expect, test } from 'vitest';
import { goDuration } from './go-duration.ts';
import { dueWithin, lengthOf, offerOf, peakOf } from './offer.ts';
import { ratesOf } from './rate.ts';

test.each([
  ['1m30s', 90_000],
  ['80ms', 80],
  ['1.5s', 1_500],
  ['3h', 10_800_000],
  [250, 250],
  ['soon', undefined],
  ['', undefined],
  [null, undefined],
])('%j is %s ms', (text, ms) => {
  expect(goDuration(text)).toBe(ms);
});

const constant = { executor: 'constant-arrival-rate', rate: 50, timeUnit: '4s', duration: '1m' };
const ramping = {
  executor: 'ramping-arrival-rate',
  startRate: 10,
  timeUnit: '1s',
  stages: [
    { duration: '10s', target: 30 },
    { duration: '5s', target: 30 },
  ],
};

test.each([
  ['a constant arrival rate', constant, { length: 60_000, peak: 12.5, due: 750 }],
  ['a ramp', ramping, { length: 15_000, peak: 30, due: 350 }],
])('%s says what it offers', (_, options, { length, peak, due }) => {
  const offer = offerOf('one', options) ?? { scenario: 'none', pieces: [] };
  expect([lengthOf(offer), peakOf(offer), dueWithin(offer, length)]).toEqual([length, peak, due]);
});

test('a ramp cut short offers what lies before the cut', () => {
  const offer = offerOf('one', ramping) ?? { scenario: 'none', pieces: [] };
  expect(dueWithin(offer, 5_000)).toBe(75);
});

test('an executor that waits for answers offers nothing', () => {
  expect(offerOf('one', { executor: 'constant-vus', vus: 3, duration: '1m' })).toBeUndefined();
});

const offers = [{ scenario: 'one', pieces: [{ ms: 10_000, from: 50, to: 50 }] }];
const began = (n: number, last: number) => new Map([['one', { n, first: 0, last }]]);

test.each([
  ['all of it', 500, 9_980, true, true],
  ['99 %', 494, 9_980, true, true],
  ['less than 99 %', 490, 9_980, true, false],
  ['a generator that stalls before the end', 300, 6_000, true, false],
  ['a load stopped early, on time until then', 300, 5_980, false, true],
  ['a load stopped early that lagged', 200, 5_980, false, false],
])('%s: %i begun until %i ms, whole %s, reached %s', (_, n, last, whole, reached) => {
  expect(ratesOf(offers, began(n, last), whole).reached).toBe(reached);
});

test('a scenario that never began did not reach its rate', () => {
  expect(ratesOf(offers, new Map(), true)).toMatchObject({ reached: false, achieved: 0, offered: 50 });
});

test('a load that was stopped before a scenario had its turn reached its rate', () => {
  expect(ratesOf(offers, new Map(), false)).toMatchObject({
    reached: true,
    due: 0,
    achieved: 0,
    offered: 50,
  });
});

test('mutant: each scenario must reach its rate, not one of them', () => {
  const two = [...offers, { scenario: 'two', pieces: [{ ms: 10_000, from: 50, to: 50 }] }];
  const starts = new Map([...began(500, 9_980), ['two', { n: 100, first: 0, last: 9_980 }] as const]);
  expect(ratesOf(two, starts, true).reached).toBe(false);
  expect(ratesOf(two, new Map([...starts, ['two', { n: 500, first: 0, last: 9_980 }]]), true).reached).toBe(
    true,
  );
});
