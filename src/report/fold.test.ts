import { describe, expect, test } from 'vitest';
import type { Draft, SiagaEvent } from '../event/envelope.ts';
import { toMarkdown } from './document/markdown.ts';
import { foldReport } from './fold.ts';
import { reportPage } from './report.ts';
import { gameDay } from './testing/game-day.ts';

const events = gameDay();
const report = foldReport(events);

/** The same run with further events before its end, as a runner would have written them. */
function withMore(...drafts: readonly Draft[]): readonly SiagaEvent[] {
  const head = events.slice(0, -1);
  const last = head.at(-1);
  const more = drafts.map(
    (draft, index) =>
      ({
        v: 1,
        run: 'r',
        mono: 0,
        boot: 'b',
        at: last?.at ?? 0,
        ...draft,
        seq: 90_000 + index,
      }) as SiagaEvent,
  );
  return [...head, ...more];
}

const ended = (verdict: 'passed' | 'failed' | 'inconclusive' | 'rollback-failed', reason = ''): Draft => ({
  type: 'run.finished',
  data: { verdict, exitCode: 1, reason },
});

const violation = { path: 'body.orderBook', rule: 'is there', got: 'undefined', allowed: 'an object' };
const failedCheck: Draft = {
  type: 'check.finished',
  data: {
    check: 'sol-complete',
    title: 'sol',
    tags: [],
    outcome: 'failed',
    violations: [violation],
    durationMs: 1,
    latenessMs: 0,
    loopLagMs: 0,
    lane: 'l',
    states: {},
    requestId: 'rq-1',
  },
};
const stuck: Draft = {
  type: 'fault.stuck',
  data: { fault: 'f', proxy: 'coinapi', tried: ['toxic-deleted'] },
};
const problem: Draft = {
  type: 'run.problem',
  data: { code: 'k6-gone', message: 'k6 was killed', hint: 'run again' },
};
const lost: Draft = {
  type: 'load.finished',
  data: {
    load: 'steady',
    outcome: 'failed',
    violations: [{ path: 'dropped_iterations', rule: 'none dropped', got: '250', allowed: '0' }],
    exitCode: 0,
    requests: 1,
    iterations: 1,
    dropped: 250,
    exceptions: 0,
    offeredRate: 50,
    achievedRate: 20,
    durationMs: 1_000,
    endpoints: [],
  },
};

const measured = (checks: Readonly<Record<string, 'passed' | 'failed'>>): Draft => ({
  type: 'round.measured',
  data: {
    checks: Object.entries(checks).map(([check, outcome]) => ({ check, outcome, answers: 20, failed: 1 })),
    signals: [],
  },
});

describe('what failed first', () => {
  test.each<[string, readonly SiagaEvent[], unknown]>([
    ['nothing, where all held', events, undefined],
    ['nothing, where a doubt was settled by trying again', withMore(problem, ended('passed')), undefined],
    [
      'the broken expectation in words, with what was got and allowed',
      gameDay({ broken: 'source: coinapi' }),
      expect.objectContaining({
        what: 'provider-down: within 5 s sol-complete answers degraded: true, source: okx',
        got: 'source: coinapi',
        allowed: 'degraded: true, source: okx',
      }),
    ],
    [
      'a check outside experiments',
      withMore(failedCheck, lost, ended('failed')),
      expect.objectContaining({
        what: 'check sol-complete, body.orderBook',
        got: 'undefined',
        allowed: 'an object',
      }),
    ],
    [
      'a load',
      withMore(lost, failedCheck, ended('failed')),
      expect.objectContaining({ what: 'load steady, dropped_iterations', got: '250' }),
    ],
    [
      'a doubt, where the run is inconclusive',
      withMore(failedCheck, problem, ended('inconclusive')),
      expect.objectContaining({ what: 'k6-gone', got: 'k6 was killed' }),
    ],
    [
      'hunt 2: why a check is inconclusive, and nothing of what it answered meanwhile',
      withMore(
        {
          ...failedCheck,
          data: { ...failedCheck.data, outcome: 'inconclusive', reason: 'this process stood still' },
        } as Draft,
        ended('inconclusive'),
      ),
      expect.objectContaining({ what: 'check sol-complete inconclusive', got: 'this process stood still' }),
    ],
    [
      'the fault that stayed, where rollback failed',
      withMore(failedCheck, stuck, ended('rollback-failed')),
      expect.objectContaining({ what: 'fault f on coinapi', allowed: 'removed' }),
    ],
    [
      'no doubt, where the run failed by something that is in its reason alone',
      withMore(problem, ended('failed', 'the toggle CACHE is off')),
      undefined,
    ],
    [
      'two-am: in a round, what the round judged failed over all of its answers',
      withMore(
        failedCheck,
        { ...failedCheck, data: { ...failedCheck.data, check: 'orders' } } as Draft,
        measured({ 'sol-complete': 'passed', orders: 'failed' }),
        ended('failed'),
      ),
      expect.objectContaining({ what: 'check orders, body.orderBook' }),
    ],
  ])('%s', (_, given, expected) => {
    const { first } = foldReport(given);
    expect(first).toEqual(expected);
  });

  test('a check that fails while an experiment runs is no failure of the run', () => {
    expect(report.failures.find(({ check }) => check === 'sol-complete')).toMatchObject({
      path: 'status',
      got: '503',
      count: 9,
      drilled: 9,
      restarts: 3,
    });
    expect(report.first).toBeUndefined();
  });
});

const values = (numbers: readonly number[]): Draft => ({
  type: 'samples',
  data: {
    signal: 'rest.latency',
    source: 'probe',
    labels: { endpoint: 'GET /x' },
    from: 0,
    to: 1,
    data: { kind: 'values', values: numbers },
  },
});

describe('figures per endpoint (R23)', () => {
  test('are nearest-rank over all batches together, errors and throttled apart', () => {
    const ratio: Draft = {
      type: 'samples',
      data: {
        signal: 'rest.errors',
        source: 'probe',
        labels: { endpoint: 'GET /x' },
        from: 0,
        to: 1,
        data: { kind: 'ratio', total: 30, bad: 3, throttled: 2 },
      },
    };
    const { endpoints } = foldReport(withMore(values([9, 1, 3]), values([2, 100]), ratio, ended('failed')));
    expect(endpoints.find(({ endpoint }) => endpoint === 'GET /x')).toMatchObject({
      source: 'probe',
      p50: 3,
      p95: 100,
      p99: 100,
      requests: 30,
      errors: 3,
      throttled: 2,
      evidence: [90_000, 90_001, 90_002],
    });
  });

  test('keep sources apart', () => {
    const sources = new Set(report.endpoints.map(({ source }) => source));
    expect([...sources]).toEqual(['load']);
    expect(report.endpoints.map(({ endpoint }) => endpoint)).toEqual([
      'GET /api/coinapi/health',
      'GET /api/pairs/supported',
      'GET /api/sol/complete',
      'POST /api/screener/screen',
    ]);
  });
});

test('an experiment has its own faults, expectations and window, even where two number their faults alike', () => {
  const alike = events.map(
    (event) =>
      JSON.parse(
        JSON.stringify(event).replaceAll(/siaga\.gd-20260913-0340\.[a-z-]+/g, 'fault-1'),
      ) as SiagaEvent,
  );
  const [first, second] = foldReport(alike).experiments;
  expect(first?.injections[0]?.removed?.seq).toBe(report.experiments[0]?.injections[0]?.removed?.seq);
  expect(second?.injections[0]?.removed?.seq).toBe(report.experiments[1]?.injections[0]?.removed?.seq);
  expect(first?.endpoints.every(({ errors }) => errors === 0)).toBe(true);
  expect(second?.endpoints.every(({ errors }) => errors > 0)).toBe(true);
});

test('an incident that was reopened is one, with an episode for each time', () => {
  const { incidents } = foldReport(gameDay({ drill: false }));
  expect(incidents).toHaveLength(1);
  const [incident] = incidents;
  expect(incident?.episodes.map(({ reopened, recovered }) => [reopened, recovered !== undefined])).toEqual([
    [false, true],
    [true, true],
  ]);
  expect(incident?.severity.highest).toBe('SEV-1');
  expect(incident?.statusSpans.map(({ name }) => name)).toEqual([
    'degraded',
    'mitigated',
    'recovering',
    'verifying',
    'degraded',
    'mitigated',
    'recovering',
    'verifying',
  ]);
});

test('a bucket without enough samples is a gap, never a zero', () => {
  const { points } = report.signals.find(({ spec }) => spec.name === 'rest.latency') ?? { points: [] };
  const gap = points.filter(({ state, from }) => state === 'unknown' && from < report.run.endedAt - 4_000);
  expect(gap).toHaveLength(1);
  expect(gap[0]?.value).toBeNull();
});

test('ours stays apart from theirs', () => {
  const { problems, failures } = foldReport(
    withMore(
      problem,
      { type: 'sampling.late', data: { lane: 'a', check: 'slow', latenessMs: 900, skipped: 2 } },
      { type: 'sampling.late', data: { lane: 'a', check: 'slow', latenessMs: 1_400, skipped: 0 } },
      { type: 'sampling.dropped', data: { signal: 'rest.latency', count: 7, latestMs: 9_000 } },
      failedCheck,
      ended('failed'),
    ),
  );
  expect(problems.map(({ what, count }) => [what, count])).toEqual([
    ['k6-gone: k6 was killed', 1],
    ['check slow ran late, 1.4 s at worst', 2],
    ['planned runs of check slow were skipped', 2],
    ['samples of rest.latency came after their bucket had closed', 7],
  ]);
  expect(failures.some(({ path }) => path === 'body.orderBook')).toBe(true);
});

test('the timeline tells changes, not repetitions', () => {
  const texts = report.timeline.map(({ text }) => text);
  expect(texts.filter((text) => text.startsWith('sol-complete failed'))).toHaveLength(1);
  expect(texts.filter((text) => text.startsWith('sol-complete passes again'))).toEqual([
    'sol-complete passes again; 12 of 14 had failed',
  ]);
  expect(texts.filter((text) => text.startsWith('toggles read back'))).toHaveLength(3);
  expect(report.timeline.map(({ seq }) => seq)).toEqual(
    report.timeline.map(({ seq }) => seq).toSorted((a, b) => a - b),
  );
});

test('row 27: the check table counts probes, not the events that stand for them', () => {
  const [first, ...rest] = gameDay();
  const check = rest.find(({ type }) => type === 'check.finished');
  if (first === undefined || check?.type !== 'check.finished') throw new Error('a game day has checks');
  const told = { ...check, data: { ...check.data, unwritten: 39 } };
  const [row] = foldReport([first, told]).checks;
  expect(row).toMatchObject({ n: 40, passed: 40, failed: 0, last: 'passed' });
});

test('what a round measured of a signal is in the report: too few, why not, and since the round before', () => {
  const [fed] = report.signals.filter(({ n }) => n > 0).map(({ spec }) => spec.name);
  const [silent] = report.signals.filter(({ n }) => n === 0).map(({ spec }) => spec.name);
  const increase = { since: 0, n: 40, value: 3 };
  const round: Draft = {
    type: 'round.measured',
    data: {
      checks: [],
      signals: [
        { signal: fed ?? '', state: 'too-few', n: 3, value: 3, increase },
        { signal: silent ?? '', state: 'not-measured', n: 0, value: null, why: 'status 503' },
      ],
    },
  };
  const page = toMarkdown(reportPage(foldReport(withMore(round, ended('passed')))));
  expect(page).toContain('(status 503)');
  expect(page).toMatch(/too few: \d+ are needed/);
  expect(page).toMatch(/\(n=40\) since the round before/);
});

test('a message that a later one tells is missed by nobody', () => {
  const message = { incident: 'i', transition: 1, channel: 'pager', template: 'DEGRADED', text: '' } as const;
  const later = { ...message, message: 'm2', template: 'COMBINED' } as const;
  const dead = { message: 'm1', channel: 'pager', reason: 'told by the combined message m2' } as const;
  const withdrawn = foldReport(
    withMore(
      { type: 'message.requested', data: { ...message, message: 'm1' } },
      { type: 'message.dead', data: { ...dead, because: 'combined' } },
      { type: 'message.requested', data: later },
      { type: 'message.delivered', data: { message: 'm2', channel: 'pager', attempt: 1 } },
      ended('failed'),
    ),
  );
  const markdown = toMarkdown(reportPage(withdrawn));
  expect(markdown).not.toContain('Messages to pager did not arrive');
  expect(markdown).not.toContain('a message could not be delivered');
  expect(markdown).toMatch(/\| Messages \| [^|]*?(\d+) of \1 delivered/);
  const refused = foldReport(
    withMore(
      { type: 'message.requested', data: { ...message, message: 'm1' } },
      { type: 'message.dead', data: { ...dead, reason: 'HTTP 403', because: 'refused' } },
      ended('failed'),
    ),
  );
  expect(toMarkdown(reportPage(refused))).toContain('Messages to pager did not arrive');
});
