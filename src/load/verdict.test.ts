import { describe, expect, test } from 'vitest';
import runbook from '../../runbook.ts';
import { compileJudge } from '../runbook/judge.ts';
import type { Measured } from './collector.ts';
import { sumOf, type EndpointTally } from './endpoint-tally.ts';
import { Tally } from './tally.ts';
import type { ScenarioUsers } from './users.ts';
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
  drops: new Map(),
  droppedOf: new Map(),
  sent: { n: 60, perSecond: 30, busiest: 30 },
  waitedMs: new Map(),
  endpoints: [tally('GET /a')],
  total: tally('all requests'),
  sockets: [],
  elsewhere: [],
  redirects: [],
  users: [],
  stood: [],
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
    functions: [],
  },
  judge,
  endpoints: ['GET /a'],
  thresholds: 'judged',
  end: { code: 0, signal: null },
  ours: 'no',
  cpuShare: 0.1,
  starved: [],
  limit: { perSecond: 100, by: 'the maxRate of target shop (siaga.config.ts)' },
};

const but = (measured: Partial<Measured>, more: Partial<Ended> = {}): Ended => ({
  ...ended,
  ...more,
  measured: { ...sound, ...measured },
});

const slow = { endpoints: [tally('GET /a', { ms: 812 })] };
const crossed = {
  seen: new Map([['http_req_duration{endpoint:GET /a}', 60]]),
  log: [{ kind: 'thresholds-crossed', list: 'http_req_duration{endpoint:GET /a}' }],
} as const;
const crossing = { ...ended.plan, thresholds: { 'http_req_duration{endpoint:GET /a}': ['p(95)<1'] } };
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
  ['one dropped iteration', but({ dropped: 1, drops: new Map([[1, 1]]) }), 'failed', ['dropped-iterations']],
  [
    'too few iterations',
    but({ starts: new Map([['one', { n: 50, first: 0, last: 1_980 }]]) }),
    'failed',
    ['rate-not-achieved'],
  ],
  ['exceptions', but({ exceptions: new Map([['Error: no', 60]]) }), 'failed', ['k6-exception']],
  [
    'row 7: a check that failed twice, over the share',
    but({ checks: new Map([['ok', { failed: 2, n: 60 }]]) }),
    'failed',
    ['check-failed'],
  ],
  ['row 7: a check that failed once', but({ checks: new Map([['ok', { failed: 1, n: 20 }]]) }), 'passed', []],
  [
    'row 7: a check that failed at the share, not over it',
    but({ checks: new Map([['ok', { failed: 2, n: 100 }]]) }),
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
    'row 8: a threshold of the script that k6 names and its exit code shows',
    but(crossed, { plan: crossing, end: { code: 99, signal: null } }),
    'failed',
    ['threshold'],
  ],
  [
    'row 8: a threshold that only the exit code shows: k6 said nothing, or said it in other words',
    but({ seen: crossed.seen }, { plan: crossing, end: { code: 99, signal: null } }),
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
  [98, 'k6-cloud-unreachable', 'inconclusive'],
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

const names = (facts: Ended): readonly string[] => judgeLoad(facts).violations.map(({ rule }) => rule);
const untagged = (
  endpoints: readonly EndpointTally[],
  more: Partial<Measured> = {},
  expected: readonly string[] = [],
): Ended => but({ endpoints, total: sumOf('all requests', endpoints), ...more }, { endpoints: expected });

const orders = Array.from({ length: 161 }, (_, n) => tally(`GET /orders/${n}`, { n: 1, errors: 1 }));

test('row 5: what belongs to no named endpoint is judged together, and named shortened', () => {
  const verdict = judgeLoad(untagged([tally('GET /ok', { n: 80 }), ...orders], {}, ['GET /ok']));
  expect(verdict.outcome).toBe('failed');
  expect(verdict.violations[0]).toEqual({
    path: 'GET /orders/0, GET /orders/1 and 159 more together rest.errors rate',
    rule: 'threshold',
    got: '100% (161 of 161)',
    allowed: 'at most 2%',
  });
});

test('row 5: a named endpoint without a fault does not hide a total over the limit', () => {
  const few = orders.slice(0, 3);
  const verdict = judgeLoad(untagged([tally('GET /ok', { n: 80 }), ...few], {}, ['GET /ok']));
  expect(verdict.violations).toContainEqual(
    expect.objectContaining({ path: 'all requests rest.errors rate', got: '3.61% (3 of 83)' }),
  );
  expect(verdict.outcome).toBe('failed');
});

test('a thousand addresses with a few failures among them, each asked once, are inside the limit together', () => {
  const many = Array.from({ length: 1_000 }, (_, n) => tally(`GET /${n}`, { n: 1, errors: n < 5 ? 1 : 0 }));
  expect(judgeLoad(untagged(many)).outcome).toBe('passed');
});

const of66 = (errors: number) =>
  untagged([tally('GET /a', { n: 66, errors }), tally('GET /b', { n: 66 })], {}, ['GET /a', 'GET /b']);

test('row 14: one 5xx of 66 decides nothing, a second one does', () => {
  expect(judgeLoad(of66(1))).toMatchObject({ outcome: 'passed', violations: [] });
  expect(judgeLoad(of66(2)).reason).toBe(
    'threshold: GET /a rest.errors rate got 3.03% (2 of 66), allowed at most 2%',
  );
});

// 404s, so that the stricter limit on server errors does not tell them.
const wrong = { ...tally('POST /buy', { n: 19, errors: 19 }), serverErrors: 0 };

test('row 23: a small endpoint that fails is named, and never passed in silence, though the rest hides it', () => {
  const verdict = judgeLoad(untagged([tally('GET /a', { n: 981 }), wrong]));
  expect(verdict.outcome).toBe('inconclusive');
  expect(verdict.violations).toEqual([
    {
      path: 'POST /buy rest.errors',
      rule: 'too-few-samples',
      got: '19 of 19 failed',
      allowed: 'at most 2%; 20 requests would be needed to judge them alone',
    },
  ]);
});

test('row 23: judged with the rest it fails the load where it is over the limit, and is named', () => {
  const verdict = judgeLoad(untagged([tally('GET /a', { n: 900 }), wrong]));
  expect(verdict.outcome).toBe('failed');
  expect(verdict.violations.map(({ path, got }) => `${path}: ${got}`)).toEqual([
    'all requests rest.errors rate: 2.07% (19 of 919)',
    'POST /buy rest.errors: 19 of 19 failed',
  ]);
});

const standing = { stood: [{ from: 1_000, to: 4_000 }] };

test.each([
  ['dropped iterations', { ...standing, dropped: 17 }, 'inconclusive'],
  ['an answer that is late', { ...standing, ...slow }, 'inconclusive'],
  [
    'iterations that are missing',
    { ...standing, starts: new Map([['one', { n: 5, first: 0, last: 1_980 }]]) },
    'inconclusive',
  ],
  ['nothing else wrong', standing, 'inconclusive'],
  ['answers that are wrong', { ...standing, endpoints: [tally('GET /a', { errors: 30 })] }, 'failed'],
  ['a check that fails', { ...standing, checks: new Map([['ok', { failed: 30, n: 60 }]]) }, 'failed'],
] as const)('row 13: a generator that stood still, and %s: %s', (_, measured, outcome) => {
  const verdict = judgeLoad(but(measured));
  expect(verdict.outcome).toBe(outcome);
  expect(verdict.violations).toContainEqual(
    expect.objectContaining({ rule: 'generator-stood-still', got: 'k6 stood still once, 3 s in all' }),
  );
});

const dropping = (drops: readonly (readonly [number, number])[], more: Partial<Measured> = {}) => ({
  dropped: drops.reduce((total, [, count]) => total + count, 0),
  drops: new Map(drops),
  ...more,
});
const begun = (n: number) => ({ starts: new Map([['one', { n, first: 0, last: 1_980 }]]) });
const thirtyWrong = { endpoints: [tally('GET /a', { errors: 30 })] };
const limited = { ...ended.plan, thresholds: { dropped_iterations: ['count<1'] } };
const over = { log: [{ kind: 'thresholds-crossed', list: 'dropped_iterations' }] } as const;
const twice = [
  [11, 2],
  [15, 1],
] as const;

test.each([
  ['every iteration was dropped then', dropping([[11, 10]]), {}, 'inconclusive'],
  ['those dropped are all that are missing', dropping([[11, 10]], begun(50)), {}, 'inconclusive'],
  ['missed as many as were due then', begun(10), {}, 'inconclusive'],
  ['missed more than were due then', begun(8), {}, 'failed'],
  ['others were dropped later', dropping(twice), {}, 'failed'],
  ['an answer was wrong', dropping([[11, 2]], thirtyWrong), {}, 'failed'],
  [
    'k6 judges what was dropped',
    dropping([[11, 2]], { ...over, seen: new Map([['dropped_iterations', 2]]) }),
    { plan: limited, end: { code: 99, signal: null } },
    'inconclusive',
  ],
] as const)('suspicious: k6 was short of CPU, and %s: %s', (_, measured, more, outcome) => {
  const starved = [{ from: 10_200, to: 10_850 }];
  const verdict = judgeLoad(but(measured, { ...more, starved }));
  expect(verdict.outcome).toBe(outcome);
  expect(verdict.violations).toContainEqual(
    expect.objectContaining({
      rule: 'generator-short-of-cpu',
      got: 'k6 waited for a processor that others used: 650 ms in all',
    }),
  );
});

test.each([
  ['after', 15],
  ['before', 5],
])('suspicious: iterations dropped %s k6 was short of CPU fail the load', (_, second) => {
  const verdict = judgeLoad(but(dropping([[second, 1]]), { starved: [{ from: 10_200, to: 10_900 }] }));
  expect([verdict.outcome, verdict.violations.map(({ rule }) => rule)]).toEqual([
    'failed',
    ['dropped-iterations'],
  ]);
});

test('suspicious: k6 was short of CPU twice, and iterations were dropped at one of these times', () => {
  const starved = [
    { from: 2_200, to: 2_900 },
    { from: 10_200, to: 10_900 },
  ];
  expect(judgeLoad(but(dropping([[11, 10]]), { starved })).outcome).toBe('inconclusive');
});

test('suspicious: a generator that waited for a processor and dropped nothing is sound', () => {
  expect(judgeLoad(but({}, { starved: [{ from: 10_200, to: 10_900 }] })).outcome).toBe('passed');
});

const users = (facts: Partial<ScenarioUsers>): Partial<Measured> => ({
  users: [
    {
      scenario: 'one',
      users: 10,
      never: 0,
      begun: 107,
      unfinished: 9,
      hanging: 0,
      hangingNever: 0,
      busyMs: 10_700,
      ...facts,
    },
  ],
});
const closed = { plan: { ...ended.plan, offers: [] } };

test.each([
  ['nine of ten users that never finished one', { hanging: 9, hangingNever: 9, never: 9 }, closed, 'failed'],
  ['one user that never finished one', { hanging: 1, hangingNever: 1, never: 1 }, closed, 'failed'],
  ['two users that finished some and then hang', { hanging: 2 }, closed, 'failed'],
  ['one user that finished some and then hangs', { hanging: 1 }, closed, 'passed'],
  ['users that were cut short by the end', {}, closed, 'passed'],
  ['iterations that hang over the share', { hanging: 3 }, {}, 'failed'],
  [
    'one user that never finished one, beside a scenario of arrivals',
    { scenario: 'two', hanging: 1, hangingNever: 1 },
    {},
    'failed',
  ],
  ['one iteration of an open load that hangs', { hanging: 1, hangingNever: 1 }, {}, 'passed'],
  ['a load that we stopped', { hanging: 9, hangingNever: 9 }, { ...closed, ours: 'stopped' }, 'passed'],
  [
    'a load that is observed',
    { hanging: 9, hangingNever: 9 },
    { ...closed, thresholds: 'observed' },
    'passed',
  ],
] as const)('row 6: %s', (_, facts, more, outcome) => {
  const verdict = judgeLoad(but(users(facts), more));
  expect(verdict.outcome).toBe(outcome);
  expect(names(but(users(facts), more))).toEqual(outcome === 'failed' ? ['unfinished-iterations'] : []);
});

test('row 6: users that hang are told once, and those of a load that we ended not at all', () => {
  const hanging = but(users({ hanging: 9, hangingNever: 9 }), closed);
  expect(judgeLoad(hanging).notes).toEqual([]);
  const stopped = but(users({}), { ...closed, ours: 'stopped' });
  expect(judgeLoad(stopped).notes).toEqual(['k6 was stopped by Siaga, as planned']);
});

test('row 6: a generator that stood still may have left them no time', () => {
  const hanging = { ...users({ hanging: 9, hangingNever: 9 }), ...standing };
  expect(judgeLoad(but(hanging, closed))).toMatchObject({
    outcome: 'inconclusive',
    violations: [{ rule: 'generator-stood-still' }, { rule: 'unfinished-iterations' }],
  });
});

test('row 6: what was cut short by the end is counted and named', () => {
  expect(judgeLoad(but(users({}))).notes).toEqual([
    'scenario one: 9 of 107 iterations had begun and were not finished when k6 ended',
  ]);
});

const sockets = (errors: number) => ({
  requests: 0,
  endpoints: [],
  total: tally('all requests', { n: 0 }),
  sockets: [tally('WS /stream', { n: 3, errors })],
});
const own = { plan: { ...closed.plan, thresholds: { ws_sessions: ['count>0'], iterations: ['count>0'] } } };
const met = {
  seen: new Map([
    ['ws_sessions', 3],
    ['iterations', 3],
  ]),
};

test.each([
  ['every one refused', sockets(3), 'failed', ['websocket-refused']],
  ['every one opened', sockets(0), 'passed', []],
] as const)('row 24: only WebSockets, %s', (_, measured, outcome, found) => {
  const facts = but({ ...measured, ...met }, { ...own, endpoints: [] });
  expect([judgeLoad(facts).outcome, names(facts)]).toEqual([outcome, found]);
});

test('row 24: thresholds on what k6 counts of itself measure nothing, and nothing measured is never green', () => {
  const plan = { ...closed.plan, thresholds: { iterations: ['count>0'] } };
  const nothing = { ...sockets(0), sockets: [], seen: new Map([['iterations', 60]]) };
  const facts = but(nothing, { plan, endpoints: [] });
  expect([judgeLoad(facts).outcome, names(facts)]).toEqual(['inconclusive', ['no-samples']]);
});

const away = (count: number, of: number) => ({
  redirects: [{ endpoint: 'GET /a', to: 'https://other.test', count, of }],
});

test('hostile 5: answers that only redirect to another origin are no answers of the target', () => {
  const verdict = judgeLoad(but(away(60, 60)));
  expect(verdict.outcome).toBe('inconclusive');
  expect(verdict.violations[0]).toEqual({
    path: 'GET /a',
    rule: 'redirected-elsewhere',
    got: '60 of 60 answers redirect to https://other.test, which was not followed',
    allowed: 'answers of the target itself',
  });
});

test('hostile 5: a single one is told', () => {
  expect(judgeLoad(but(away(1, 60)))).toMatchObject({
    outcome: 'passed',
    notes: [
      'GET /a: 1 of 60 answers redirect to https://other.test, another origin than the target: not followed',
    ],
  });
});

test('hostile 5: what another origin answers is not counted as the target’s', () => {
  const elsewhere = [tally('https://other.test GET /', { n: 60, errors: 60 })];
  expect(judgeLoad(but({ elsewhere })).outcome).toBe('inconclusive');
  const none = { requests: 0, endpoints: [], total: tally('all requests', { n: 0 }) };
  const only = but({ ...none, elsewhere: [tally('https://other.test GET /')] }, { endpoints: [] });
  expect(judgeLoad(only).reason).toBe(
    'no-samples: requests to the target got 0, all went elsewhere, such as https://other.test GET /, allowed at least one',
  );
});

test('hostile 1: k6 that did not end when it was asked to, and was killed, is never passed', () => {
  const killed = but({}, { end: { code: null, signal: 'SIGKILL' }, ours: 'stopped' });
  expect([judgeLoad(killed).outcome, names(killed)]).toEqual(['inconclusive', ['k6-killed']]);
});

test('figures: failures of an observed load are told as observed, and a planned stop as ours', () => {
  const facts = but(
    { total: tally('all requests', { n: 1_000, errors: 338 }) },
    { thresholds: 'observed', ours: 'stopped', end: { code: 103, signal: null } },
  );
  expect(judgeLoad(facts)).toMatchObject({
    outcome: 'passed',
    notes: ['k6 was stopped by Siaga, as planned', '338 of 1000 requests failed: observed, not judged'],
  });
});

test('endpoints that fail are named before what the generator dropped', () => {
  const down = { endpoints: [tally('GET /a', { errors: 60 })], total: tally('all requests', { errors: 60 }) };
  const { violations } = judgeLoad(but({ ...down, dropped: 4 }));
  expect(violations[0]).toMatchObject({ rule: 'threshold', path: expect.stringContaining('GET /a') });
  expect(violations.at(-1)).toMatchObject({ rule: 'dropped-iterations' });
});

const observedCrossing = but(crossed, {
  plan: { ...crossing, thresholds: { ...crossing.thresholds, ...owned.thresholds } },
  end: { code: 99, signal: null },
  thresholds: 'observed',
});

test('observed: thresholds of the script judge the system, and are told', () => {
  expect(judgeLoad(observedCrossing)).toMatchObject({
    outcome: 'passed',
    violations: [],
    notes: ['thresholds of the script were crossed: observed, not judged'],
  });
});

test.each([
  ['no whole iteration', { iterations: 0 }, {}, 'no-iterations'],
  ['a threshold without samples', {}, { plan: owned }, 'threshold-without-samples'],
  ['an endpoint nobody asked', {}, { endpoints: ['GET /a', 'GET /b'] }, 'endpoint-without-samples'],
] as const)(
  'row 13: what is missing where a generator stood still says nothing: %s',
  (_, measured, more, name) => {
    const facts = but({ ...standing, ...measured }, more);
    expect(judgeLoad(facts).outcome).toBe('inconclusive');
    expect(names(facts)).toContain(name);
  },
);

test('a scenario that never began beside one that did has not reached its rate', () => {
  const starts = new Map([['other', { n: 60, first: 0, last: 1_980 }]]);
  expect(names(but({ starts }))).toEqual(['rate-not-achieved']);
});

test('no whole iteration is inconclusive, and a rate that was missed fails beside it', () => {
  const none = { iterations: 0, ...users({ unfinished: 60, begun: 60 }) };
  expect([judgeLoad(but(none)).outcome, names(but(none))]).toEqual(['inconclusive', ['no-iterations']]);
  const few = but({ ...none, starts: new Map([['one', { n: 5, first: 0, last: 1_980 }]]) });
  expect([judgeLoad(few).outcome, names(few)]).toEqual(['failed', ['rate-not-achieved', 'no-iterations']]);
});

test.each(['http_req_duration', 'http_reqs', 'ws_sessions'])(
  'a threshold on %s that only another origin met measures nothing',
  (metric) => {
    const plan = { ...ended.plan, thresholds: { [metric]: ['count>0'] } };
    const none = { requests: 0, endpoints: [], total: tally('all requests', { n: 0 }) };
    const facts = but({ ...none, seen: new Map([[metric, 60]]) }, { plan, endpoints: [] });
    expect([judgeLoad(facts).outcome, names(facts)]).toEqual(['inconclusive', ['no-samples']]);
  },
);

test('a WebSocket asks its endpoint, and no other one', () => {
  const facts = (endpoint: string) =>
    but({ ...sockets(0), sockets: [tally(endpoint, { n: 3 })] }, { endpoints: ['GET /a'] });
  expect(names(facts('GET /a'))).toEqual([]);
  expect(names(facts('GET /b'))).toEqual(['endpoint-without-samples']);
  const beside = but({ sockets: [tally('WS /b', { n: 3 })] }, { endpoints: ['GET /a', 'WS /b'] });
  expect(names(beside)).toEqual([]);
});

test('hunt 17: where most requests failed, that is named before how slow they were', () => {
  const all = tally('GET /a', { n: 277, errors: 277, ms: 772 });
  const { reason, violations } = judgeLoad(but({ endpoints: [all], total: all, requests: 277 }));
  expect(reason).toMatch(/^threshold: GET \/a rest\.errors rate got 100% \(277 of 277\)/);
  expect(violations.map(({ path }) => path.split(' ')[2])).toEqual([
    'rest.errors',
    'rest.5xx',
    'rest.latency',
  ]);
});

test('hunt 17: where some requests failed, how slow all were is named first', () => {
  const all = tally('GET /a', { n: 100, errors: 50, ms: 5_000 });
  expect(judgeLoad(but({ endpoints: [all], total: all })).reason).toMatch(
    /^threshold: GET \/a rest\.latency/,
  );
});

/** 20 requests/s are allowed, and 18 iterations/s of four requests each are offered: 43 of 72 are dropped. */
const throttled = (facts: Partial<Measured> = {}, more: Partial<Ended> = {}): Ended =>
  but(
    {
      dropped: 43,
      drops: new Map([[1, 43]]),
      droppedOf: new Map([['one', 43]]),
      starts: new Map([['one', { n: 29, first: 0, last: 3_900 }]]),
      sent: { n: 116, perSecond: 20.02, busiest: 21 },
      waitedMs: new Map([['one', 40_000]]),
      ...users({ begun: 29, unfinished: 0, busyMs: 40_300 }),
      ...facts,
    },
    {
      plan: {
        ...ended.plan,
        offers: [{ scenario: 'one', pieces: [{ ms: 4_000, from: 18, to: 18 }] }],
      },
      limit: { perSecond: 20, by: 'the maxRate of target shop (siaga.config.ts)' },
      ...more,
    },
  );

describe('hunt 1: a load that our own limit of requests a second held back', () => {
  test('is inconclusive, and says by what', () => {
    const { outcome, violations, reason } = judgeLoad(throttled());
    expect([outcome, violations.map(({ rule }) => rule)]).toEqual([
      'inconclusive',
      ['held-back', 'dropped-iterations', 'rate-not-achieved'],
    ]);
    expect(reason).toBe(
      'held-back: requests got held back by our own limit: 18 iterations/s of 4 requests each offered, ' +
        '20.02 requests/s sent, the others had to wait, allowed 20 requests/s by the maxRate of target shop ' +
        '(siaga.config.ts); raise it, or lower the rate of the scenario',
    );
  });

  test('fails for what is wrong in the answers', () => {
    const all = tally('GET /a', { n: 116, errors: 10 });
    const { outcome, reason } = judgeLoad(throttled({ endpoints: [all], total: all }));
    expect([outcome, reason]).toEqual(['failed', expect.stringContaining('rest.errors')]);
  });

  test.each([
    [
      'the target is slow, and requests waited a little',
      { waitedMs: new Map([['one', 4_000]]), ...users({ begun: 29, busyMs: 40_300 }) },
    ],
    ['what was sent came nowhere near the limit', { sent: { n: 116, perSecond: 9, busiest: 9 } }],
    ['nothing waited', { waitedMs: new Map() }],
    ['the requests of another scenario waited', { waitedMs: new Map([['other', 40_000]]) }],
  ])('fails for dropped iterations where %s', (_, facts) => {
    const { outcome, violations } = judgeLoad(throttled(facts));
    expect([outcome, violations.map(({ rule }) => rule)]).toEqual([
      'failed',
      ['dropped-iterations', 'rate-not-achieved'],
    ]);
  });

  const none = { dropped: 0, drops: new Map(), droppedOf: new Map() };
  const few = { dropped: 3, drops: new Map([[1, 3]]), droppedOf: new Map([['one', 3]]) };
  const began = (n: number, waitedMs: number): Partial<Measured> => ({
    starts: new Map([['one', { n, first: 0, last: 3_900 }]]),
    waitedMs: new Map([['one', waitedMs]]),
    ...users({ begun: n, unfinished: 0, busyMs: 40_300 }),
  });

  test.each([
    ['little waited, and little is missing', { ...few, ...began(69, 2_000) }],
    ['iterations are missing that k6 does not call dropped', { ...none, ...began(29, 26_000) }],
  ])('is inconclusive where %s', (_, facts) => {
    expect(names(throttled(facts))[0]).toBe('held-back');
  });

  test('is sound where requests waited and every iteration began all the same', () => {
    expect(judgeLoad(throttled({ ...none, ...began(72, 40_000) }))).toMatchObject({
      outcome: 'passed',
      notes: [],
    });
  });

  test('fails where another scenario dropped iterations and waited for nothing', () => {
    const pieces = [{ ms: 4_000, from: 18, to: 18 }];
    const plan = { ...ended.plan, offers: ['one', 'two'].map((scenario) => ({ scenario, pieces })) };
    const droppedOf = new Map([
      ['one', 43],
      ['two', 9],
    ]);
    expect(judgeLoad(throttled({ dropped: 52, droppedOf }, { plan })).outcome).toBe('failed');
  });

  const waiting = { waitedMs: new Map([['one', 40_000]]), sent: { n: 110, perSecond: 20.19, busiest: 50 } };
  const usersWaiting = { ...waiting, ...users({ begun: 110, unfinished: 0, busyMs: 41_000 }) };

  test('passes where users only wait for answers, and says so', () => {
    const { outcome, notes } = judgeLoad(but(usersWaiting, closed));
    expect([outcome, notes]).toEqual([
      'passed',
      [
        'held back by our own limit: 20.19 requests/s sent, the others had to wait; allowed 100 requests/s by ' +
          'the maxRate of target shop (siaga.config.ts)',
      ],
    ]);
  });

  test('is a note beside a failure that waiting does not explain', () => {
    const failing = { ...usersWaiting, endpoints: [tally('GET /a', { errors: 30 })] };
    const { outcome, notes } = judgeLoad(but(failing, closed));
    expect([outcome, notes.length, names(but(failing, closed)).includes('held-back')]).toEqual([
      'failed',
      1,
      false,
    ]);
  });

  test.each([
    ['iterations', 'inconclusive'],
    ['iteration_duration', 'inconclusive'],
    ['http_req_duration', 'failed'],
  ])('a threshold of the script on %s that is crossed: %s', (key, outcome) => {
    const plan = { ...closed.plan, thresholds: { [key]: ['count>1000'] } };
    const seen = new Map([[key, 110]]);
    const end = { code: 99, signal: null };
    expect(judgeLoad(but({ ...usersWaiting, seen }, { plan, end })).outcome).toBe(outcome);
  });

  test('an endpoint that was not reached is inconclusive where users waited most of the time', () => {
    const more = { ...closed, endpoints: ['GET /b'] };
    expect(judgeLoad(but(usersWaiting, more)).outcome).toBe('inconclusive');
    expect(judgeLoad(but({ ...usersWaiting, ...users({ busyMs: 90_000 }) }, more)).outcome).toBe('failed');
  });
});

const logging = (...log: Measured['log']) => ({ log });
const end = (code: number) => ({ end: { code, signal: null } });

describe('what k6 says of itself', () => {
  test.each([
    ['a summary that threw', 'summary-exception', 'failed', 'k6-summary-exception'],
    ['an option that it does not know', 'unknown-option', 'failed', 'unknown-option'],
  ] as const)('%s fails', (_, kind, outcome, name) => {
    const verdict = judgeLoad(but(logging({ kind, message: 'no' })));
    expect([verdict.outcome, verdict.violations]).toEqual([
      outcome,
      [expect.objectContaining({ rule: name, got: 'no' })],
    ]);
  });

  test.each([
    ['it failed by itself', end(107), ['k6-script-exception']],
    ['we stopped it', { ...end(103), ours: 'stopped' }, []],
  ] as const)('its errors are not told again where %s', (_, more, found) => {
    expect(names(but(logging({ kind: 'error', message: 'odd' }), more))).toEqual(found);
  });

  test('how it ended is told by its signal or by its exit code', () => {
    const killed = judgeLoad(but({}, { end: { code: null, signal: 'SIGKILL' } }));
    expect(killed.violations[0]?.got).toBe('k6 was killed (SIGKILL)');
    expect(judgeLoad(but({}, end(107))).violations[0]?.got).toMatch(/ \(exit code 107\)$/);
  });

  test('exceptions are told once, with the number of all', () => {
    const exceptions = new Map([
      ['Error: no', 60],
      ['Error: other', 2],
    ]);
    expect(judgeLoad(but({ exceptions })).violations).toEqual([
      { rule: 'k6-exception', path: 'script', got: '62: Error: no', allowed: 'no uncaught exception' },
    ]);
  });

  test('how often it stood still, and how long in all', () => {
    const stood = [
      { from: 1_000, to: 4_000 },
      { from: 6_000, to: 8_500 },
    ];
    expect(judgeLoad(but({ stood })).violations[0]?.got).toBe('k6 stood still 2 times, 5.5 s in all');
  });

  test('failing checks are judged by a share, except where they are observed', () => {
    const facts = { checks: new Map([['ok', { failed: 30, n: 60 }]]) };
    expect(judgeLoad(but(facts)).violations[0]?.allowed).toBe('at most 2%; one alone decides nothing');
    expect(judgeLoad(but(facts, { thresholds: 'observed' })).outcome).toBe('passed');
  });
});

const seenOf = (key: string) => ({ seen: new Map([[key, 60]]) });

describe('a threshold of the script that was crossed', () => {
  const plan = { ...ended.plan, thresholds: { a: ['p(95)<1', 'max<2'], b: ['rate<0.1'], c: ['avg<3'] } };
  const seen = new Map([...'abc'].map((key) => [key, 60]));
  const told = (more: Partial<Ended>, ...lists: readonly string[]) =>
    judgeLoad(
      but(
        { seen, ...logging(...lists.map((list) => ({ kind: 'thresholds-crossed', list }) as const)) },
        { plan, ...more },
      ),
    ).violations.map(({ path, allowed }) => `${path}: ${allowed}`);

  test('is the one that k6 names, with what it allows', () => {
    expect(told(end(99), 'b')).toEqual(['b: rate<0.1']);
    expect(told(end(99), 'a, b')).toEqual(['a: p(95)<1, max<2', 'b: rate<0.1']);
    expect(told(end(99), 'a', 'c')).toEqual(['a: p(95)<1, max<2', 'c: avg<3']);
  });

  test('fails though k6 ended well', () => {
    expect(told(end(0), 'b')).toEqual(['b: rate<0.1']);
    expect(told(end(0))).toEqual([]);
  });

  test('is told as k6’s own where nobody knows which', () => {
    expect(told(end(99))).toEqual(['a, b, c: no threshold crossed']);
    expect(told({ ...end(99), plan: ended.plan })).toEqual(['k6: no threshold crossed']);
  });

  const crossingOf = (key: string) => ({
    plan: { ...ended.plan, thresholds: { [key]: ['count>1'] } },
    ...end(99),
  });

  test.each([
    ['http_req_duration', 'inconclusive'],
    ['http_reqs', 'inconclusive'],
    ['iterations', 'inconclusive'],
    ['http_req_failed', 'failed'],
    ['my_http_req_duration', 'failed'],
    ['checks', 'failed'],
  ])('on %s while k6 stood still: %s', (key, outcome) => {
    expect(judgeLoad(but({ ...standing, ...seenOf(key) }, crossingOf(key))).outcome).toBe(outcome);
  });

  test.each([
    ['iterations', 'inconclusive'],
    ['dropped_iterations{scenario:one}', 'inconclusive'],
    ['my_iterations', 'failed'],
    ['iterations_done', 'failed'],
  ])('on %s while k6 was short of CPU: %s', (key, outcome) => {
    const facts = but(dropping([[11, 2]], seenOf(key)), crossingOf(key));
    expect(judgeLoad({ ...facts, starved: [{ from: 10_200, to: 10_850 }] }).outcome).toBe(outcome);
  });

  test.each([
    ['iteration_duration', 'inconclusive'],
    ['my_iteration_duration', 'failed'],
    ['http_reqs_done', 'failed'],
  ])('on %s while our own limit held it back: %s', (key, outcome) => {
    const facts = throttled(seenOf(key));
    expect(
      judgeLoad({
        ...facts,
        plan: { ...facts.plan, ...crossingOf(key).plan, offers: facts.plan.offers },
        ...end(99),
      }).outcome,
    ).toBe(outcome);
  });

  test('a metric that no sample was of says nothing where our own limit held the load back', () => {
    const facts = throttled();
    expect(
      judgeLoad({ ...facts, plan: { ...facts.plan, thresholds: { orders: ['count>1'] } } }),
    ).toMatchObject({
      outcome: 'inconclusive',
      violations: expect.arrayContaining([expect.objectContaining({ rule: 'threshold-without-samples' })]),
    });
  });
});

describe('a load of which little was seen', () => {
  const nothingAsked = { requests: 0, endpoints: [], total: tally('all requests', { n: 0 }) };

  test.each([
    ['measured by a metric of the script alone', { seen: new Map([['orders_made', 3]]) }, []],
    ['measured by one that is named like k6’s', { seen: new Map([['my_vus', 3]]) }, []],
    ['measured by what k6 counts of itself', { seen: new Map([['vus', 3]]) }, ['no-samples']],
    ['with a WebSocket that was never opened', { sockets: [tally('WS /s', { n: 0 })] }, ['no-samples']],
  ])('is judged: %s', (_, facts, found) => {
    expect(names(but({ ...nothingAsked, ...facts }, { endpoints: [] }))).toEqual(found);
  });

  test.each([
    ['one of a hundred', 100, 1, []],
    ['two of a hundred', 100, 2, ['throttled']],
    ['one of two hundred', 200, 1, []],
  ])('throttled: %s', (_, requests, count, found) => {
    expect(names(but({ requests, total: tally('all requests', { n: requests, throttled: count }) }))).toEqual(
      found,
    );
  });

  test('an endpoint that only ever answered 429 was not measured', () => {
    const none = tally('GET /a', { n: 0, throttled: 5 });
    expect(judgeLoad(but({ endpoints: [none] })).violations).toEqual([
      {
        rule: 'endpoint-without-samples',
        path: 'GET /a',
        got: '0 requests, 5 throttled',
        allowed: 'at least one request',
      },
    ]);
  });
});

describe('what was offered is counted to the end only where the load came to its end', () => {
  const half = { starts: new Map([['one', { n: 30, first: 0, last: 990 }]]) };
  test.each([
    ['we stopped it half way', { ...end(103), ours: 'stopped' }, []],
    ['it ended half way by itself', end(108), ['k6-aborted']],
    ['it says that it ended well', end(0), ['rate-not-achieved']],
  ] as const)('%s', (_, more, found) => {
    expect(names(but(half, more))).toEqual(found);
  });

  test('a load that tells no starts is not judged by its rate', () => {
    expect(names(but({ starts: new Map() }))).toEqual([]);
  });
});

describe('notes', () => {
  const elsewhere = [tally('https://other.test GET /', { n: 60, errors: 1 })];

  test('what decided nothing is told beside a load that passed', () => {
    const plan = { ...ended.plan, unread: ['SIAGA_RATE'] };
    expect(judgeLoad(but({ elsewhere }, { plan }))).toMatchObject({
      outcome: 'passed',
      notes: [
        'the options of the script do not read SIAGA_RATE: it had no effect',
        'https://other.test GET / is another origin than the target: 60 requests, 1 failed, not counted',
      ],
    });
  });

  test('of a load that is judged, failures and redirects that decided are no notes', () => {
    const total = tally('all requests', { n: 1_000, errors: 3 });
    expect(judgeLoad(but({ ...away(60, 60), total })).notes).toEqual([]);
    const judged = but(crossed, { plan: crossing, end: { code: 99, signal: null } });
    expect(judgeLoad(judged).notes).toEqual([]);
  });

  test('of a load that is observed, they all are', () => {
    const failing = [tally('https://other.test GET /', { n: 60, errors: 60 })];
    expect(judgeLoad(but({ ...away(60, 60), elsewhere: failing }, { thresholds: 'observed' }))).toMatchObject(
      {
        outcome: 'passed',
        notes: [
          'GET /a: 60 of 60 answers redirect to https://other.test, another origin than the target: not followed',
          'https://other.test GET / is another origin than the target: 60 requests, 60 failed, not counted',
        ],
      },
    );
  });
});

describe('row 23: endpoints with few requests', () => {
  const rest = tally('GET /a', { n: 20_000 });

  test('that fail by two of the limits are told once', () => {
    const both = tally('POST /buy', { n: 19, errors: 19 });
    expect(judgeLoad(untagged([rest, both])).violations).toHaveLength(1);
  });

  test('are named where they fail, and not where they do not', () => {
    const well = tally('GET /x', { n: 5 });
    const [found, ...others] = judgeLoad(untagged([rest, well, { ...wrong, n: 10, errors: 10 }])).violations;
    expect(found).toMatchObject({ path: 'POST /buy rest.errors', got: '10 of 15 failed' });
    expect(others).toEqual([]);
  });

  test('that fail are all named where they are two', () => {
    const two = ['GET /x', 'GET /y'].map((name) => tally(name, { n: 4, errors: 4 }));
    expect(judgeLoad(untagged([rest, ...two])).violations[0]?.path).toMatch(/^GET \/x, GET \/y rest\./);
  });

  test.each([
    [1, 'passed'],
    [2, 'inconclusive'],
  ])('%i failure among them: %s', (errors, outcome) => {
    expect(judgeLoad(untagged([rest, tally('GET /x', { n: 2, errors })])).outcome).toBe(outcome);
  });

  test('one that has just enough is judged alone', () => {
    const enough = tally('GET /x', { n: 20, errors: 20 });
    const [found] = judgeLoad(untagged([rest, enough, tally('GET /y', { n: 1 })])).violations;
    expect(found).toMatchObject({ rule: 'threshold', path: expect.stringMatching(/^GET \/x rest\./) });
    expect(names(untagged([rest, tally('GET /x', { n: 20 })], {}, ['GET /x']))).toEqual([]);
  });
});

const by = (statistic: 'max' | 'min' | 'last', value: number) => ({
  judge: {
    ...judge,
    signals: judge.signals.map((each) =>
      each.name === 'rest.latency' ? { ...each, trigger: { ...each.trigger, statistic, value } } : each,
    ),
  },
});

describe('a limit on response times by another statistic', () => {
  const one = tally('GET /a', { n: 60, ms: 20 });
  one.latency.add(900);

  test.each([
    ['the slowest over it', by('max', 800), ['threshold']],
    ['the slowest inside it', by('max', 1_000), []],
    ['the fastest over it', by('min', 10), ['threshold']],
    ['the fastest inside it', by('min', 30), []],
    ['one that a load cannot tell', by('last', 10), ['too-few-samples']],
  ])('%s', (_, more, found) => {
    expect(names(but({ endpoints: [one] }, more))).toEqual(found);
  });
});

describe('hunt 1: whose iterations our own limit held back', () => {
  const pieces = [{ ms: 4_000, from: 18, to: 18 }];
  const two = (facts: Partial<Measured>) =>
    throttled(
      {
        starts: new Map([
          ['one', { n: 29, first: 0, last: 3_900 }],
          ['two', { n: 72, first: 0, last: 3_990 }],
        ]),
        ...facts,
      },
      { plan: { ...ended.plan, offers: ['one', 'two'].map((scenario) => ({ scenario, pieces })) } },
    );

  test('is told though another scenario, which waited for nothing, reached its rate', () => {
    expect([judgeLoad(two({})).outcome, names(two({}))[0]]).toEqual(['inconclusive', 'held-back']);
  });

  test('a scenario of users beside one of arrivals is held back where it waited half of its time', () => {
    const users2 = { ...users({ begun: 110, unfinished: 0, busyMs: 80_000 }).users![0]!, scenario: 'users' };
    const waiting = (ms: number) =>
      but(
        {
          waitedMs: new Map([['users', ms]]),
          sent: { n: 110, perSecond: 20.19, busiest: 100 },
          users: [users2],
        },
        {},
      );
    expect(judgeLoad(waiting(40_000)).notes.join()).toContain('held back by our own limit');
    expect(judgeLoad(waiting(39_999)).notes).toEqual([]);
  });
});
