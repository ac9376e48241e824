import { expect, test } from 'vitest';
import runbook from '../../runbook.ts';
import { compileJudge } from '../runbook/judge.ts';
import type { EndpointTally, Measured } from './collector.ts';
import { Tally } from './tally.ts';
import { judgeLoad, type Ended } from './verdict.ts';

const judge = compileJudge(runbook, { speed: 1, loadRunning: true, coreChecks: [] });

function tally(
  endpoint: string,
  facts: { n?: number; errors?: number; throttled?: number; ms?: number } = {},
): EndpointTally {
  const { n = 60, errors = 0, throttled = 0, ms = 20 } = facts;
  const latency = new Tally();
  for (let i = 0; i < (ms > 0 ? n : 0); i++) latency.add(ms);
  return { endpoint, n, errors, serverErrors: errors, throttled, latency };
}

const sound: Measured = {
  points: 900,
  requests: 60,
  iterations: 60,
  dropped: 0,
  endpoints: [tally('GET /a')],
  total: tally('all requests'),
  starts: new Map([['one', { n: 60, first: 0, last: 1_980 }]]),
  checks: new Map(),
  seen: new Map(),
  exceptions: new Map(),
  log: [],
};

const ended: Ended = {
  measured: sound,
  plan: {
    offers: [{ scenario: 'one', pieces: [{ ms: 2_000, from: 30, to: 30 }] }],
    open: true,
    rate: 30,
    durationMs: 2_000,
    endpoints: ['GET /a'],
    thresholds: {},
  },
  judge,
  endpoints: ['GET /a'],
  thresholds: 'judged',
  generated: ['http_req_duration{endpoint:GET /a}'],
  end: { code: 0, signal: null },
  ours: 'no',
  cpuShare: 0.1,
};

const but = (measured: Partial<Measured>, more: Partial<Ended> = {}): Ended => ({
  ...ended,
  ...more,
  measured: { ...sound, ...measured },
});

const slow = { endpoints: [tally('GET /a', { ms: 812 })] };
const crossed = {
  log: [{ kind: 'thresholds-crossed', metrics: ['http_req_duration{endpoint:GET /a}'] }],
} as const;
const owned = { ...ended.plan, thresholds: { 'http_req_duration{endpoint:typo}': ['p(95)<1'] } };

const rows: readonly (readonly [string, Ended, string, readonly string[]])[] = [
  ['a sound load', ended, 'passed', []],
  [
    'nothing but refused connections',
    but({ endpoints: [tally('GET /a', { errors: 60, ms: 0 })] }),
    'failed',
    ['threshold', 'threshold'],
  ],
  ['no endpoint expected, one over the limit', but(slow, { endpoints: [] }), 'failed', ['threshold']],
  [
    'no endpoint expected, each with too few requests',
    but({ endpoints: [tally('GET /a', { n: 5 }), tally('GET /b', { n: 5 })] }, { endpoints: [] }),
    'passed',
    [],
  ],
  [
    'no endpoint expected, too few requests',
    but(
      { endpoints: [tally('GET /a', { n: 5 })], total: tally('all requests', { n: 5 }) },
      { endpoints: [] },
    ),
    'inconclusive',
    ['too-few-samples'],
  ],
  ['exactly at the limit', but({ endpoints: [tally('GET /a', { ms: 650 })] }), 'passed', []],
  ['over the limit', but(slow), 'failed', ['threshold']],
  ['over the limit, observed', but(slow, { thresholds: 'observed' }), 'passed', []],
  [
    'errors over their limit',
    but({ endpoints: [tally('GET /a', { errors: 2 })] }),
    'failed',
    ['threshold', 'threshold'],
  ],
  [
    'an endpoint nobody asked',
    but({}, { endpoints: ['GET /a', 'GET /b'] }),
    'failed',
    ['endpoint-without-samples'],
  ],
  [
    'an endpoint with too few requests',
    but({ endpoints: [tally('GET /a', { n: 5 })] }),
    'inconclusive',
    ['too-few-samples'],
  ],
  ['one dropped iteration', but({ dropped: 1 }), 'failed', ['dropped-iterations']],
  [
    'too few iterations',
    but({ starts: new Map([['one', { n: 50, first: 0, last: 1_980 }]]) }),
    'failed',
    ['rate-not-achieved'],
  ],
  ['exceptions', but({ exceptions: new Map([['Error: no', 60]]) }), 'failed', ['k6-exception']],
  ['a failed check', but({ checks: new Map([['ok', { failed: 1, n: 60 }]]) }), 'failed', ['check-failed']],
  [
    'a failed check with a threshold of its own',
    but(
      { checks: new Map([['ok', { failed: 1, n: 60 }]]), seen: new Map([['checks', 60]]) },
      { plan: { ...ended.plan, thresholds: { checks: ['rate>0.9'] } } },
    ),
    'passed',
    [],
  ],
  ['a threshold that met no sample', but({}, { plan: owned }), 'failed', ['threshold-without-samples']],
  [
    'no points',
    but({ points: 0, requests: 0, iterations: 0, endpoints: [] }),
    'inconclusive',
    ['no-samples'],
  ],
  [
    'more throttled than not reaching the system allows',
    but({ total: tally('all', { throttled: 2 }) }),
    'inconclusive',
    ['throttled'],
  ],
  [
    'a generator busy with itself, over the limit',
    but(slow, { cpuShare: 0.81 }),
    'inconclusive',
    ['generator-cpu', 'threshold'],
  ],
  ['a generator at its limit', but({}, { cpuShare: 0.8 }), 'passed', []],
  [
    'killed',
    but(slow, { end: { code: null, signal: 'SIGKILL' } }),
    'inconclusive',
    ['k6-killed', 'threshold'],
  ],
  ['stopped by us', but({}, { end: { code: 103, signal: null }, ours: 'stopped' }), 'passed', []],
  ['stopped by somebody else', but({}, { end: { code: 103, signal: null } }), 'inconclusive', ['k6-stopped']],
  [
    'interrupted',
    but({}, { end: { code: 103, signal: null }, ours: 'interrupted' }),
    'inconclusive',
    ['interrupted'],
  ],
  [
    'k6 alone is unhappy',
    but(crossed, { end: { code: 99, signal: null } }),
    'inconclusive',
    ['k6-disagrees'],
  ],
  [
    'k6 and we are unhappy',
    but({ ...slow, ...crossed }, { end: { code: 99, signal: null } }),
    'failed',
    ['threshold'],
  ],
  [
    'an error in the log of k6',
    but({ log: [{ kind: 'error', message: 'odd' }] }),
    'inconclusive',
    ['k6-error'],
  ],
];

test.each(rows)('%s', (_, facts, outcome, names) => {
  const verdict = judgeLoad(facts);
  expect([verdict.outcome, verdict.violations.map(({ rule }) => rule)]).toEqual([outcome, names]);
});

test.each([
  [100, 'k6-setup-timeout', 'failed'],
  [101, 'k6-teardown-timeout', 'failed'],
  [102, 'k6-timeout', 'failed'],
  [104, 'k6-invalid-config', 'inconclusive'],
  [105, 'k6-signalled', 'inconclusive'],
  [106, 'k6-rest-port-taken', 'inconclusive'],
  [107, 'k6-script-exception', 'failed'],
  [108, 'k6-aborted', 'failed'],
  [109, 'k6-panic', 'inconclusive'],
  [110, 'k6-marked-failed', 'failed'],
  [97, 'k6-cloud-failed', 'inconclusive'],
  [42, 'k6-unknown-exit', 'inconclusive'],
])('exit code %i of k6 is %s: %s', (code, name, outcome) => {
  const verdict = judgeLoad({ ...ended, end: { code, signal: null } });
  expect([verdict.outcome, verdict.violations[0]?.rule]).toEqual([outcome, name]);
});

test('the reason is what decided, with got and allowed', () => {
  expect(judgeLoad(but(slow)).reason).toBe(
    'threshold: GET /a rest.latency p95 got 812 ms, allowed at most 650 ms',
  );
});
