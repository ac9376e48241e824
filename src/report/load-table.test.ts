import { expect, test } from 'vitest';
import runbook from '../../runbook.ts';
import type { LoadFinished } from '../event/catalogue.ts';
import { compileJudge } from '../runbook/judge.ts';
import { renderLoad } from './load-table.ts';

const judge = compileJudge(runbook, { speed: 1, loadRunning: true, coreChecks: [] });

const passed: LoadFinished = {
  load: 'smoke',
  outcome: 'passed',
  violations: [],
  exitCode: 0,
  requests: 240,
  iterations: 240,
  dropped: 0,
  exceptions: 0,
  offeredRate: 12,
  achievedRate: 12,
  durationMs: 20_400,
  endpoints: [
    { endpoint: 'GET /api/pairs/supported', n: 120, p50: 5.8, p95: 9, p99: 31.2, errors: 0, throttled: 0 },
    { endpoint: 'GET /api/sol/complete', n: 120, p50: 12, p95: 20, p99: 80, errors: 1, throttled: 0 },
  ],
  raw: 'raw/smoke.json.gz',
};

test('a load that passed', () => {
  expect(renderLoad(passed, judge)).toBe(`ok  load smoke

endpoint                    n     p50    p95    p99     errors  throttled
GET /api/pairs/supported  120  5.8 ms   9 ms  31 ms     0 (0%)          0
GET /api/sol/complete     120   12 ms  20 ms  80 ms  1 (0.83%)          0

trigger of the runbook: REST p95: p95 > 650 ms, REST error rate: rate > 2%, REST 5xx rate: rate > 1%
240 requests, 240 iterations, 0 dropped, 12 of 12 iterations a second, 20.4 s
every request: raw/smoke.json.gz`);
});

test('a load that failed says first what failed, and marks the figure', () => {
  const slow = {
    endpoint: 'GET /api/sol/complete',
    n: 120,
    p50: 600,
    p95: 812,
    p99: 900,
    errors: 6,
    throttled: 0,
  };
  const violation = {
    path: 'GET /api/sol/complete rest.latency p95',
    rule: 'threshold',
    got: '812 ms',
    allowed: 'at most 650 ms',
  };
  const reason = 'threshold: GET /api/sol/complete rest.latency p95 got 812 ms, allowed at most 650 ms';
  const text = renderLoad(
    { ...passed, outcome: 'failed', violations: [violation], reason, endpoints: [slow] },
    judge,
  );
  expect(text.split('\n').slice(0, 7)).toEqual([
    'FAILED  load smoke failed',
    `  first: ${reason}`,
    '  threshold: GET /api/sol/complete rest.latency p95',
    '    got      812 ms',
    '    allowed  at most 650 ms',
    '',
    'endpoint                 n     p50      p95     p99   errors  throttled',
  ]);
  expect(text).toContain('GET /api/sol/complete  120  600 ms  812 ms!  900 ms  6 (5%)!          0');
});

test('a load that measured nothing says that it says nothing', () => {
  const text = renderLoad(
    { ...passed, outcome: 'inconclusive', reason: 'no-samples: k6 got none', endpoints: [] },
    judge,
  );
  expect(text).toContain(
    'UNKNOWN  load smoke says nothing about the target\n  first: no-samples: k6 got none',
  );
});

test('figures: a load beside a fault is observed, not judged, and says what failed', () => {
  const notes = ['k6 was stopped by Siaga, as planned', '338 of 12000 requests failed: observed, not judged'];
  const text = renderLoad({ ...passed, exitCode: 103, observed: true, stopped: true, notes }, judge);
  expect(text.split('\n')[0]).toBe('ok  load smoke: observed, not judged');
  expect(text).toContain('note: k6 was stopped by Siaga, as planned\n');
  expect(text).toContain('note: 338 of 12000 requests failed: observed, not judged');
  expect(text).not.toContain('103');
});

test('a thousand addresses are a table that can be read: those that failed, and the rest together', () => {
  const many = Array.from({ length: 200 }, (_, n) => ({
    ...passed.endpoints[0],
    endpoint: `GET /orders/${n}`,
    n: 2,
    p50: 1,
    p95: 1,
    p99: 1,
    errors: n === 150 ? 1 : 0,
    throttled: 0,
  }));
  const text = renderLoad({ ...passed, endpoints: many }, judge);
  expect(text.split('\n').length).toBeLessThan(30);
  expect(text).toContain('GET /orders/150');
  expect(text).toMatch(/180 more together +360 +- +- +- +0 \(0%\)/);
});
