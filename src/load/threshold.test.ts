import { expect, test } from 'vitest';
import runbook from '../../runbook.ts';
import { compileJudge } from '../runbook/judge.ts';
import { contentWithNothing, expressionOf, selectorOf, thresholdsFor } from './threshold.ts';

const judge = compileJudge(runbook, { speed: 1, loadRunning: true, coreChecks: [] });

test('the runbook’s triggers, turned around, hold for each endpoint, and each must be asked', () => {
  expect(thresholdsFor(judge, ['GET /a'])).toEqual({
    dropped_iterations: ['count==0'],
    'http_reqs{endpoint:GET /a}': ['count>0'],
    'http_req_duration{endpoint:GET /a}': ['p(95)<=650'],
    'http_req_failed{endpoint:GET /a}': ['rate<=0.02'],
  });
});

test('without endpoints they hold for all requests', () => {
  expect(Object.keys(thresholdsFor(judge, []))).toContain('http_req_duration');
});

test('an endpoint that k6 cannot say is left to us', () => {
  expect(Object.keys(thresholdsFor(judge, ['GET /a/{id}']))).toEqual(['dropped_iterations']);
});

test.each([
  [{ statistic: 'p95', comparison: '>', value: 650 }, 'p(95)<=650'],
  [{ statistic: 'p99.9', comparison: '>=', value: 1 }, 'p(99.9)<1'],
  [{ statistic: 'rate', comparison: '<', value: 0.95 }, 'rate>=0.95'],
  [{ statistic: 'max', comparison: '<=', value: 3 }, 'max>3'],
  [{ statistic: 'last', comparison: '>', value: 3 }, undefined],
] as const)('%o as a threshold of k6: %s', (condition, expression) => {
  expect(expressionOf(condition)).toBe(expression);
});

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
