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
