import { describe, expect, test } from 'vitest';
import { tracedReads } from './read-trace.ts';

type Rule = (answer: { body: Record<string, never> & { book: { bids: number[][] }; at: Date } }) => unknown;

const answer = {
  body: { source: 'okx', degraded: false, book: { bids: [[1, 2]], asks: [] }, at: new Date(0) },
};
const reads = (rule: unknown, object: object = answer) =>
  Object.fromEntries(tracedReads(rule as (watched: never) => unknown, object));

describe('what a rule read is told by its leaves', () => {
  test.each<[string, Rule, object]>([
    [
      'two fields',
      ({ body }) => body['degraded'] === (body['source'] !== 'x'),
      { 'body.degraded': false, 'body.source': 'okx' },
    ],
    ['inside lists', ({ body }) => body.book.bids[0]?.[1], { 'body.book.bids[0][1]': 2 }],
    [
      'by list methods',
      ({ body }) => body.book.bids.some((level) => level[0] === 1),
      { 'body.book.bids[0][0]': 1 },
    ],
    ['a missing field', ({ body }) => body['price'], { 'body.price': undefined }],
    ['an object as a whole', ({ body }) => Object.keys(body.book), { 'body.book': answer.body.book }],
    [
      'what is no plain object is left as it is',
      ({ body }) => body.at.getTime(),
      { 'body.at': answer.body.at },
    ],
    [
      'until it threw',
      ({ body }) => (body['price'] as unknown as { now: number }).now,
      { 'body.price': undefined },
    ],
  ])('%s', (_name, rule, expected) => {
    expect(reads(rule)).toEqual(expected);
  });

  test('of a frozen body, as far as it can be watched', () => {
    const frozen = { body: Object.freeze({ a: 1, deep: Object.freeze({ b: 2 }) }) };
    expect(reads(({ body }: typeof frozen) => body.a, frozen)).toEqual({ 'body.a': 1 });
  });
});
