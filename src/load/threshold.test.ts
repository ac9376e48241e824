import { expect, test } from 'vitest';
import { contentWithNothing, selectorOf } from './threshold.ts';

test.each([
  ['http_req_duration', { metric: 'http_req_duration', tags: {} }],
  ['checks{of:it}', { metric: 'checks', tags: { of: 'it' } }],
  ['a{endpoint:GET /x:y, method:"GET"}', { metric: 'a', tags: { endpoint: 'GET /x:y', method: 'GET' } }],
  ['a{}', { metric: 'a', tags: {} }],
])('%s selects %o', (key, selector) => {
  expect(selectorOf(key)).toEqual({ key, ...selector });
});

test.each([
  [['count<10'], true],
  [['count == 0'], true],
  [['count>0'], false],
  [['count<10', 'p(95)<1'], false],
  [['rate<0.01'], false],
])('%j is content with nothing: %s', (expressions, content) => {
  expect(contentWithNothing(expressions)).toBe(content);
});

test.each([
  ['{a:b}', { metric: '{a:b}', tags: {} }],
  ['a{b:c} d', { metric: 'a{b:c} d', tags: {} }],
  ['a{b:c,}', { metric: 'a', tags: { b: 'c' } }],
  ['a{alone}', { metric: 'a', tags: { alone: '' } }],
  ['a{:x}', { metric: 'a', tags: { '': 'x' } }],
  ['a{name:it\'s "here" now}', { metric: 'a', tags: { name: 'it\'s "here" now' } }],
])('%s is read as k6 reads it: %o', (key, selector) => {
  expect(selectorOf(key)).toEqual({ key, ...selector });
});

test.each([
  ['  count<1', true],
  ['my_count<1', false],
  ['counts<1', false],
])('no sample at all is right for %j: %s', (expression, content) => {
  expect(contentWithNothing([expression])).toBe(content);
});
