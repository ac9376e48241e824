import { readFileSync } from 'node:fs';
import { Ajv2020, type SchemaObject } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import type { CheckFinished, ExperimentStarted, LoadFinished } from '../event/catalogue.ts';
import type { Draft, SiagaEvent } from '../event/envelope.ts';
import type { IncidentChange } from '../event/incident.ts';
import { SiagaError } from '../kernel/errors.ts';
import { envelopeOf } from './envelope-of.ts';
import type { ResultEnvelope } from './envelope.ts';

const schema = JSON.parse(
  readFileSync(new URL('../../docs/envelope.schema.json', import.meta.url), 'utf8'),
) as SchemaObject;

/** The published schema lets fields be added; here, nothing may be written that it does not describe. */
function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed);
  if (typeof node !== 'object' || node === null) return node;
  const inside = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, closed(value)]));
  return 'properties' in node ? { ...inside, additionalProperties: false } : inside;
}

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true, formats: { 'date-time': isoTime } });
const matches = ajv.compile(closed(schema) as SchemaObject);

function checked(envelope: ResultEnvelope): ResultEnvelope {
  matches(envelope);
  expect(matches.errors ?? []).toEqual([]);
  expect(JSON.parse(JSON.stringify(envelope))).toEqual(envelope);
  return envelope;
}

const origin = Date.UTC(2026, 8, 13, 3, 42);
const second = 1_000;

function tape(...drafts: readonly Draft[]): readonly SiagaEvent[] {
  return drafts.map((draft, index) => {
    const at = draft.at ?? origin + index * second;
    return { v: 1, seq: index + 1, run: 'r1', mono: index * second, boot: 'b', ...draft, at } as SiagaEvent;
  });
}

const started: Draft = {
  type: 'run.started',
  data: {
    command: 'gameday',
    subject: 'default',
    target: { name: 'reference', url: 'http://127.0.0.1:4180' },
    drill: true,
    judge: { speed: 30 },
    contacts: [],
    endpoints: [],
    versions: {},
    state: 'project',
    repeat: 'siaga gameday --speed 30',
  } as unknown as Extract<Draft, { type: 'run.started' }>['data'],
};

const finished = (verdict: 'passed' | 'failed', exitCode: number, reason = ''): Draft => ({
  type: 'run.finished',
  data: { verdict, exitCode, reason },
});

const check = (name: string, more: Partial<CheckFinished> = {}): Draft => ({
  type: 'check.finished',
  data: {
    check: name,
    title: name,
    tags: ['core'],
    endpoint: `GET /${name}`,
    outcome: 'passed',
    violations: [],
    durationMs: 12.5,
    status: 200,
    requestId: 'req-1',
    latenessMs: 0,
    loopLagMs: 0,
    lane: 'reference',
    states: {},
    ...more,
  },
});

const violation = { path: 'body.degraded', rule: 'marked degraded', got: 'false', allowed: 'true' };
const failing: Partial<CheckFinished> = { outcome: 'failed', violations: [violation] };

const load: LoadFinished = {
  load: 'smoke',
  outcome: 'failed',
  violations: [{ path: 'dropped-iterations', rule: 'none', got: '250', allowed: '0' }],
  exitCode: 0,
  requests: 1_000,
  iterations: 1_000,
  dropped: 250,
  exceptions: 0,
  offeredRate: 50,
  achievedRate: 40,
  durationMs: 20_000,
  endpoints: [{ endpoint: 'GET /a', n: 500, p50: 3, p95: 9, p99: 20, errors: 1, throttled: 0 }],
};

const fault = {
  fault: 'siaga.r1.1',
  proxy: 'coinapi',
  kind: 'down',
  attributes: {},
  stream: 'both',
  toxicity: 1,
  forMs: 30_000,
} as const;

const experiment: ExperimentStarted = {
  name: 'provider-down',
  requirements: ['R30'],
  hypothesis: 'prices come from OKX',
  expects: ['provider.health'],
  faults: [fault],
  expectations: [
    { id: 'opens', text: 'the breaker opens', stage: 'during', mode: 'within', deadlineMs: 5_000 },
    { id: 'inside', text: 'p95 stays inside', stage: 'during', mode: 'throughout' },
  ],
};

const proof = {
  proven: true,
  why: 'all probes through it failed',
  through: { n: 5, failed: 5, medianMs: Number.NaN },
  past: { n: 5, failed: 0, medianMs: 2 },
  calls: {
    before: { count: 10, errors: 0, meanMs: 2, overMs: 1_000 },
    during: { count: 10, errors: 10, meanMs: 2, overMs: 1_000 },
  },
};

const probed = JSON.parse(JSON.stringify(proof)) as typeof proof;
const opens = {
  experiment: 'provider-down',
  expectation: 'opens',
  outcome: 'met',
  got: 'after 1.2 s',
} as const;

const experimentRun: readonly Draft[] = [
  { type: 'experiment.started', data: experiment },
  { type: 'fault.injected', data: { fault: fault.fault, proxy: 'coinapi', readBack: null } },
  check('sol-complete', failing),
  { type: 'fault.proof', data: { fault: fault.fault, ...probed } },
  { type: 'expectation.settled', data: { ...opens, allowed: '5 s', afterMs: 1_200, evidence: [4] } },
  {
    type: 'fault.removed',
    data: { fault: fault.fault, proxy: 'coinapi', by: 'runner', rung: 'proxy-enabled' },
  },
  {
    type: 'experiment.finished',
    data: {
      name: 'provider-down',
      verdict: 'held',
      reasons: [],
      timings: { detect: { ms: 1_200, from: 4, to: 5, plusMinusMs: 1_000 } },
    },
  },
];

function change(ordinal: number, what: Partial<IncidentChange> & Pick<IncidentChange, 'kind'>): Draft {
  const effectiveAt = origin + ordinal * second;
  const data = { incident: 'inc-1', group: 'service', ordinal, effectiveAt, drill: true, change: what };
  return { type: 'incident.transition', data } as unknown as Draft;
}
const by = { signal: 'provider.health', got: '', allowed: '', since: origin, evidence: [] };
const symptoms = { windowMs: 1, p95: null, errorRatio: null, n: 0 };
const declared = change(1, { kind: 'declared', severity: 'SEV-2', by, symptoms });
const mitigated = change(2, { kind: 'mitigated', because: 'fallback' });
const joined = change(3, { kind: 'signal-joined', by: { ...by, signal: 'rest.errors' }, severity: 'SEV-1' });
const recovered = change(4, { kind: 'recovered', criteria: [], symptoms });

const extra = { command: 'gameday', now: origin };

const problem: Draft = {
  type: 'run.problem',
  data: { code: 'store-full', message: 'the disk is full', hint: 'free some' },
};

describe('the envelope of a run', () => {
  const events = tape(
    started,
    check('sol-complete'),
    check('screener', failing),
    { type: 'load.finished', data: load },
    ...experimentRun,
    declared,
    mitigated,
    joined,
    recovered,
    problem,
    problem,
    finished('failed', 1, 'check screener'),
  );
  const envelope = envelopeOf(events, { ...extra, reports: ['reports/r1/report.md'] });

  it('matches the published schema and says what the run said', () => {
    expect(checked(envelope)).toMatchObject({
      version: 1,
      command: 'gameday',
      verdict: 'failed',
      exitCode: 1,
      reason: 'check screener',
      target: { name: 'reference' },
      run: 'r1',
      startedAt: '2026-09-13T03:42:00.000Z',
      finishedAt: '2026-09-13T03:42:17.000Z',
      speed: 30,
      drill: true,
      repeat: 'siaga gameday --speed 30',
      reports: ['reports/r1/report.md'],
    });
    expect(envelope.results.map(({ kind }) => kind)).toEqual(['check', 'check', 'load', 'experiment']);
  });

  it('shows a check as it was while nothing was broken on purpose', () => {
    expect(envelope.results[0]).toMatchObject({ name: 'sol-complete', outcome: 'passed', observations: 1 });
    expect(envelope.results[1]).toMatchObject({
      name: 'screener',
      outcome: 'failed',
      violations: [violation],
      requestId: 'req-1',
      durationMs: 12.5,
    });
  });

  it('shows a load with what was offered, achieved and dropped', () => {
    expect(envelope.results[2]).toMatchObject({
      achievedRate: 40,
      offeredRate: 50,
      dropped: 250,
      exceptions: 0,
    });
  });

  it('shows an experiment with its proof, expectations and cited timings', () => {
    expect(envelope.results[3]).toMatchObject({
      verdict: 'held',
      faults: [{ proxy: 'coinapi', injected: true, removedBy: 'runner', proof: { proven: true } }],
      expectations: [
        { id: 'opens', outcome: 'met', afterMs: 1_200, evidence: [4], deadlineMs: 5_000 },
        { id: 'inside', outcome: 'unknown', got: 'not judged', deadlineMs: null },
      ],
      timings: { detectMs: 1_200, containMs: null, recoverMs: null },
      timingEvents: { detect: { from: 4, to: 5, plusMinusMs: 1_000 }, contain: null, recover: null },
    });
  });

  it('lists problems of ours beside the results of a run that was decided in spite of them', () => {
    const listed = { code: 'store-full', what: 'the disk is full', hint: 'free some' };
    expect(envelope.problems).toEqual([{ ...listed, count: 2 }]);
    const undecided = checked(envelopeOf(events, { ...extra, exitCode: 3 }));
    expect(undecided.results.slice(4)).toEqual([
      { kind: 'error', ...listed, where: null, got: null, allowed: null },
    ]);
  });

  it('shows an incident as it stands, at its highest severity told', () => {
    expect(envelope.incidents).toEqual([
      {
        incident: 'inc-1',
        group: 'service',
        severity: 'SEV-1',
        highestSeverity: 'SEV-1',
        drill: true,
        phase: 'recovered',
        declaredAt: '2026-09-13T03:42:01.000Z',
        mitigatedAt: '2026-09-13T03:42:02.000Z',
        recoveredAt: '2026-09-13T03:42:04.000Z',
        signals: ['provider.health', 'rest.errors'],
        events: [12, 13, 14, 15],
      },
    ]);
  });
});

describe('a check that was observed more than once', () => {
  it.each([
    ['always passed', [{}, { durationMs: 9 }], { outcome: 'passed', durationMs: 9, failed: 0 }],
    ['failed once', [{}, failing, { durationMs: 9 }], { outcome: 'failed', durationMs: 12.5, failed: 1 }],
    [
      'was inconclusive at first',
      [{ outcome: 'inconclusive', reason: 'late' }, {}],
      { outcome: 'passed', failed: 0 },
    ],
    [
      'was inconclusive at last',
      [{}, { outcome: 'inconclusive', reason: 'late' }],
      { outcome: 'inconclusive', reason: 'late' },
    ],
  ] as const)('and %s', (_, observations, expected) => {
    const events = tape(started, ...observations.map((one) => check('a', one)), finished('passed', 0));
    const { results } = checked(envelopeOf(events, extra));
    expect(results).toMatchObject([{ name: 'a', observations: observations.length, ...expected }]);
  });
});

it('an incident that was opened again has not recovered', () => {
  const again = change(5, { kind: 'reopened', severity: 'SEV-2', by, symptoms });
  const { incidents } = checked(envelopeOf(tape(started, declared, recovered, again), extra));
  expect(incidents).toMatchObject([{ phase: 'reopened', recoveredAt: null }]);
});

it('an experiment that the run did not finish is aborted', () => {
  const { results, verdict, exitCode } = checked(
    envelopeOf(tape(started, ...experimentRun.slice(0, 2)), extra),
  );
  expect(results).toMatchObject([
    { verdict: 'aborted', faults: [{ injected: true, removedBy: null, proof: null }] },
  ]);
  expect({ verdict, exitCode }).toEqual({ verdict: 'inconclusive', exitCode: 3 });
});

it('an experiment that was tried again stands twice, each with its own', () => {
  const twice = tape(started, ...experimentRun.slice(0, 1), ...experimentRun);
  const { results } = checked(envelopeOf(twice, extra));
  expect(results).toMatchObject([{ verdict: 'aborted' }, { verdict: 'held', faults: [{ injected: true }] }]);
});

describe('a command that never had a run', () => {
  const error = new SiagaError('unknown-name', {
    what: 'no experiment has this name',
    got: 'provider-dwon',
    allowed: 'provider-down',
    hint: 'did you mean provider-down?',
    exitCode: 2,
  });

  it('has the same envelope, without one, and its error as the only result', () => {
    const envelope = checked(envelopeOf([], { command: 'chaos run', now: origin, error }));
    expect(envelope).toMatchObject({ verdict: 'error', exitCode: 2, run: null, target: null, speed: 1 });
    expect(envelope.startedAt).toBe(envelope.finishedAt);
    expect(envelope.results).toEqual([
      {
        kind: 'error',
        code: 'unknown-name',
        what: 'no experiment has this name',
        where: null,
        got: 'provider-dwon',
        allowed: 'provider-down',
        hint: 'did you mean provider-down?',
      },
    ]);
  });

  it('gives a reason of many lines in one', () => {
    const many = new SiagaError('many', { what: 'two faults\n  the first\nthe second\n', exitCode: 2 });
    const { reason, results } = checked(envelopeOf([], { command: 'check', now: origin, error: many }));
    expect(reason).toBe('two faults; the first; the second');
    expect(results).toMatchObject([{ what: 'two faults\n  the first\nthe second\n' }]);
  });

  it('calls anything else that was thrown a bug', () => {
    const envelope = checked(
      envelopeOf([], { command: 'check', now: origin, error: new TypeError('x is undefined') }),
    );
    expect(envelope).toMatchObject({
      verdict: 'error',
      exitCode: 70,
      results: [{ code: 'bug', what: 'x is undefined' }],
    });
  });
});

it('a verdict that the command revised wins over what the run wrote', () => {
  const events = tape(started, finished('passed', 0));
  expect(checked(envelopeOf(events, { ...extra, exitCode: 3 }))).toMatchObject({
    verdict: 'inconclusive',
    exitCode: 3,
  });
});

describe('the schema', () => {
  const good = envelopeOf(
    tape(started, check('a'), { type: 'load.finished', data: load }, ...experimentRun, declared),
    extra,
  );

  it.each(Object.keys(good))('asks for %s', (key) => {
    expect(matches(Object.fromEntries(Object.entries(good).filter(([name]) => name !== key)))).toBe(false);
  });

  it.each(good.results.map((result) => [result.kind, result] as const))(
    'asks for every field of a %s',
    (_, result) => {
      for (const key of Object.keys(result)) {
        const less = Object.fromEntries(Object.entries(result).filter(([name]) => name !== key));
        expect([key, matches({ ...good, results: [less] })]).toEqual([key, false]);
      }
    },
  );

  it.each([
    { exitCode: 99 },
    { verdict: 'ok' },
    { startedAt: 'yesterday' },
    { results: [{ kind: 'surprise' }] },
    { speed: 0 },
  ])('refuses %j', (wrong) => {
    expect(matches({ ...good, ...wrong })).toBe(false);
  });

  it('as published lets fields be added', () => {
    const published = new Ajv2020({ allowUnionTypes: true, formats: { 'date-time': isoTime } }).compile(
      schema,
    );
    expect(published({ ...good, more: 1 })).toBe(true);
  });
});

it('an incident that another run goes on with stands as it stood', () => {
  const takenOver = change(3, { kind: 'taken-over', from: 'r0', gapMs: 1 });
  const { incidents } = checked(envelopeOf(tape(started, declared, mitigated, takenOver), extra));
  expect(incidents).toMatchObject([{ phase: 'mitigated' }]);
});

const answerOf = (
  name: string,
  outcome: CheckFinished['outcome'],
  over: Partial<CheckFinished> = {},
): Draft => {
  const violations = outcome === 'failed' ? [{ path: 'status', rule: 'r', got: '503', allowed: '200' }] : [];
  const facts = {
    check: name,
    title: name,
    tags: [],
    durationMs: 1,
    latenessMs: 0,
    loopLagMs: 0,
    lane: name,
  };
  return { type: 'check.finished', data: { ...facts, states: {}, outcome, violations, ...over } };
};

const batch = (source: 'load' | 'probe', values: readonly number[]): Draft => ({
  type: 'samples',
  data: { signal: 'db', labels: {}, source, from: origin, to: origin, data: { kind: 'values', values } },
});

describe('a round', () => {
  const answered = { failedAt: origin, passedSince: 113, answers: 114, failed: 1 };
  const held = {
    outcome: 'failed',
    at: origin,
    violations: [{ path: 'a', rule: 'r', got: 'b', allowed: 'c' }],
  } as const;
  const signal = {
    name: 'db',
    unit: 'ms',
    minSamples: 20,
    trigger: { statistic: 'p99', comparison: '>', value: 500, buckets: 1 },
  };
  const measured: Draft = {
    type: 'round.measured',
    data: {
      checks: [
        { check: 'sol', outcome: 'passed', ...answered },
        { check: 'mail', outcome: 'failed', answers: 0, failed: 0, standsSince: origin },
      ],
      signals: [
        { signal: 'db', state: 'too-few', n: 3, value: 12, increase: { since: origin, n: 40, value: 7 } },
      ],
    },
  };
  const run = started as Extract<Draft, { type: 'run.started' }>;
  const beginning = {
    ...run,
    data: { ...run.data, judge: { speed: 1, signals: [signal] } },
  } as unknown as Draft;
  const tell = (...drafts: readonly Draft[]) =>
    checked(envelopeOf(tape(beginning, ...drafts), { command: 'check', now: origin, exitCode: 1 }));

  it('rows 9 and 10: is told as it was judged, not by one answer', () => {
    const envelope = tell(
      answerOf('sol', 'failed'),
      answerOf('sol', 'passed', { unwritten: 112 }),
      answerOf('mail', 'inconclusive', { notAsked: true, stands: held }),
      measured,
    );
    expect(envelope.results).toMatchObject([
      { name: 'sol', outcome: 'passed', violations: [], observations: 114, failed: 1 },
      {
        name: 'mail',
        outcome: 'failed',
        violations: held.violations,
        standsSince: new Date(origin).toISOString(),
      },
    ]);
  });

  it('says how each signal was measured', () => {
    expect(tell(measured).signals).toEqual([
      {
        signal: 'db',
        state: 'too-few',
        samples: 3,
        needed: 20,
        statistic: 'p99',
        value: 12,
        unit: 'ms',
        allowed: 'at most 500 ms',
        why: null,
        increase: { since: new Date(origin).toISOString(), samples: 40, value: 7 },
      },
    ]);
    expect(tell().signals).toBeUndefined();
  });

  it('tells what a load after it measured, not that none ran', () => {
    const spec = { ...signal, source: 'load' };
    const gate = {
      ...run,
      data: { ...run.data, command: 'gate', judge: { speed: 1, signals: [spec] } },
    } as unknown as Draft;
    const unseen = { signal: 'db', state: 'not-measured', n: 0, value: null, why: 'no load runs' } as const;
    const round: Draft = { type: 'round.measured', data: { checks: [], signals: [unseen] } };
    const begun = { type: 'load.started', data: { load: 'smoke' } } as unknown as Draft;
    const told = (...drafts: readonly Draft[]) =>
      checked(envelopeOf(tape(gate, ...drafts), { command: 'gate', now: origin })).signals?.[0];
    const values = Array.from({ length: 161 }, () => 9);
    expect(told(round, begun, batch('load', values), batch('probe', [1]))).toMatchObject({
      state: 'measured',
      samples: 161,
      value: 9,
      why: null,
    });
    expect(told(round, begun, batch('load', [9]))).toMatchObject({ state: 'too-few', samples: 1 });
    expect(told(round, begun)).toMatchObject({ state: 'not-measured', why: 'the load gave no samples' });
    expect(told(round)).toMatchObject({ state: 'not-measured', why: 'no load runs' });
  });

  it('has no say in what a check answered after it', () => {
    expect(tell(answerOf('sol', 'passed'), measured, answerOf('sol', 'failed')).results).toMatchObject([
      { name: 'sol', outcome: 'failed' },
    ]);
  });
});
