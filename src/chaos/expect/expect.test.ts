import { describe, expect, it } from 'vitest';
import type { CheckFinished } from '../../event/catalogue.ts';
import type { Draft, SiagaEvent } from '../../event/envelope.ts';
import type { IncidentChange } from '../../event/incident.ts';
import type { SampleData } from '../../event/samples.ts';
import type { JudgeSpec, SignalSpec } from '../../event/specs.ts';
import { defineCheck } from '../../check/definition.ts';
import type { Expectation } from '../definition.ts';
import type { Duration } from '../../kernel/duration.ts';
import { toMs } from '../../kernel/to-ms.ts';
import { value } from './agreement.ts';
import { answers, passes, state } from './answers.ts';
import { breaker } from './breaker.ts';
import { processStart } from './restarts.ts';
import { incident, message, recovered } from './incident.ts';
import { eventually, never, throughout, within } from './modes.ts';
import { signal } from './signal.ts';
import { Tracker, type Settled } from './track.ts';

const began = 1_767_225_600_000;

const spec = (name: string, unit: SignalSpec['unit']): SignalSpec => ({
  name,
  title: name,
  requirements: [],
  unit,
  source: 'load',
  minSamples: 20,
  severity: 'SEV-2',
  group: 'service',
  trigger: { statistic: 'p95', comparison: '>', value: 650, buckets: 5 },
  inhibits: [],
});

const judge = {
  bucketMs: 2_000,
  latenessMs: 500,
  signals: [
    spec('rest.latency', 'ms'),
    spec('rest.errors', 'ratio'),
    { ...spec('orders.errors', 'ratio'), minSamples: 19 },
  ],
} as unknown as JudgeSpec;

let seq = 0;
const at = (seconds: number, draft: Draft): SiagaEvent =>
  ({ v: 1, seq: ++seq, run: 'r', at: began + seconds * 1_000, mono: 0, boot: 'b', ...draft }) as SiagaEvent;

const checked = (
  seconds: number,
  check: string,
  states: Record<string, boolean | string | number>,
  failed?: string,
): SiagaEvent =>
  at(seconds, {
    type: 'check.finished',
    data: {
      check,
      title: check,
      tags: [],
      outcome: failed === undefined ? 'passed' : 'failed',
      violations: failed === undefined ? [] : [{ path: 'status', rule: 'r', got: failed, allowed: '200' }],
      durationMs: 10,
      latenessMs: 0,
      loopLagMs: 0,
      lane: 'l',
      states,
    },
  });

const samples = (
  seconds: number,
  name: string,
  data: SampleData,
  labels = {},
  source: 'load' | 'server' | 'probe' = 'load',
) =>
  at(seconds, {
    type: 'samples',
    data: {
      signal: name,
      labels,
      source,
      from: began + seconds * 1_000 - 500,
      to: began + seconds * 1_000,
      data,
    },
  });

const latencies = (seconds: number, ms: number, n = 20) =>
  samples(seconds, 'rest.latency', { kind: 'values', values: Array.from({ length: n }, () => ms) });
const scraped = (seconds: number) => samples(seconds, 'db.up', { kind: 'values', values: [1] }, {}, 'server');
const moved = (seconds: number, from: string, to: string, name = 'coinapi') =>
  samples(seconds, 'breaker.transitions', { kind: 'counter', increase: 1 }, { name, from, to }, 'server');

const changed = (seconds: number, change: Partial<IncidentChange>): SiagaEvent =>
  at(seconds, {
    type: 'incident.transition',
    data: {
      incident: 'INC-1',
      group: 'service',
      ordinal: 1,
      effectiveAt: began + seconds * 1_000,
      drill: true,
      change: change as IncidentChange,
    },
  });

const firing = {
  signal: 'rest.latency',
  got: 'p95 900 ms',
  allowed: 'p95 <= 650 ms',
  since: 0,
  evidence: [],
};

/** How an expectation ends over these events, its stage being as long as they last. */
function settle(
  expectation: Expectation,
  events: readonly SiagaEvent[],
  before: readonly SiagaEvent[] = [],
  until?: number,
): Settled | undefined {
  const deadline = expectation.deadline === undefined ? {} : { deadlineMs: toMs(expectation.deadline) };
  const facts = {
    id: 'x',
    text: expectation.observation.text,
    stage: 'during' as const,
    mode: expectation.mode,
    ...deadline,
  };
  const tracker = new Tracker(facts, expectation, { since: began, before, judge });
  for (const event of events) {
    tracker.take(event);
    tracker.expire(event.at);
  }
  tracker.close(until ?? events.at(-1)?.at ?? began);
  return tracker.settled;
}

/** The answer of a check, told with this beside or instead. */
const without = (event: SiagaEvent, data: Partial<CheckFinished>): SiagaEvent =>
  ({ ...event, data: { ...event.data, ...data } }) as SiagaEvent;

const sol = defineCheck({
  name: 'sol',
  tags: [],
  every: '1s',
  request: { path: '/', timeout: '1s' },
  response: { status: 200 },
  states: { degraded: () => true, source: () => 'okx', price: () => 1 },
});
const okx = defineCheck({ ...sol, name: 'okx', states: { price: () => 1 } });

const degraded = answers(sol, { degraded: true, source: 'okx' });
const right = { degraded: true, source: 'okx' };
const wrong = { degraded: false, source: 'coinapi' };

describe('within', () => {
  it.each<[string, readonly SiagaEvent[], Partial<Settled>]>([
    ['met in time', [checked(1, 'sol', wrong), checked(2, 'sol', right)], { outcome: 'met', afterMs: 2_000 }],
    ['met at the last moment', [checked(5, 'sol', right)], { outcome: 'met', afterMs: 5_000 }],
    ['met too late', [checked(1, 'sol', wrong), checked(5.001, 'sol', right)], { outcome: 'broken' }],
    [
      'never met',
      [checked(1, 'sol', wrong)],
      { outcome: 'broken', got: 'degraded false', path: 'states.degraded' },
    ],
    ['no data at all', [], { outcome: 'unknown' }],
    ['data of another check only', [checked(1, 'okx', right)], { outcome: 'unknown' }],
    [
      'the check fails',
      [checked(1, 'sol', right, '503')],
      { outcome: 'broken', got: 'status: 503', path: 'status' },
    ],
    [
      'the check fails, and nothing more is told of it than why',
      [without(checked(1, 'sol', right, '503'), { violations: [], reason: 'refused' })],
      { outcome: 'broken', got: 'refused' },
    ],
    [
      'the check fails, and nothing is told of it',
      [without(checked(1, 'sol', right, '503'), { violations: [] })],
      { outcome: 'broken', got: 'failed' },
    ],
    [
      'the check is too slow, and fails besides',
      [
        without(checked(1, 'sol', right, '503'), {
          violations: ['durationMs', 'status'].map((path) => ({ path, rule: 'r', got: '7', allowed: 'x' })),
        }),
      ],
      { outcome: 'broken', got: 'status: 7', path: 'status' },
    ],
    [
      'the check does not tell the state',
      [checked(1, 'sol', { degraded: true })],
      { outcome: 'broken', got: 'source nothing', path: 'states.source' },
    ],
    [
      'the check tells another text',
      [checked(1, 'sol', { ...right, source: 'coinapi' })],
      { outcome: 'broken', got: 'source "coinapi"' },
    ],
    ['asked before the stage began', [checked(0.005, 'sol', right)], { outcome: 'unknown' }],
    ['asked as the stage began', [checked(0.01, 'sol', right)], { outcome: 'met' }],
  ])('%s', (_, events, settled) => {
    expect(settle(within('5s', degraded), events)).toMatchObject(settled);
  });

  it('cites the events that show it', () => {
    const event = checked(1, 'sol', right);
    expect(settle(within('5s', degraded), [event])?.evidence).toEqual([event.seq]);
    const other = checked(1, 'sol', wrong);
    expect(settle(within('5s', degraded), [other])?.evidence).toEqual([other.seq]);
    const failed = checked(1, 'sol', right, '503');
    expect(settle(within('5s', degraded), [failed])?.evidence).toEqual([failed.seq]);
  });

  it('tells of nothing observed, and of when it came too late', () => {
    expect(settle(within('5s', degraded), [])).toStrictEqual({
      outcome: 'unknown',
      got: 'nothing was observed',
      allowed: 'passed, degraded true, source "okx"',
      evidence: [],
    });
    const late = [...every(7, 1, (s) => checked(s, 'sol', wrong)), checked(8, 'sol', right)];
    expect(settle(within('9s', degraded), late)).toMatchObject({ outcome: 'met', afterMs: 8_000 });
    expect(settle(within('7s', degraded), late)).toMatchObject({
      outcome: 'broken',
      got: 'passed, degraded true, source "okx", but only after 8 s',
      afterMs: 8_000,
    });
  });
});

describe('throughout and never', () => {
  it.each<[string, Expectation, readonly SiagaEvent[], Settled['outcome']]>([
    ['met all through', throughout(degraded), [checked(1, 'sol', right), checked(2, 'sol', right)], 'met'],
    [
      'broken once',
      throughout(degraded),
      [checked(1, 'sol', right), checked(2, 'sol', wrong), checked(3, 'sol', right)],
      'broken',
    ],
    [
      'broken while settling',
      throughout(degraded, { settling: '2s' }),
      [checked(1, 'sol', wrong), checked(3, 'sol', right), checked(4, 'sol', right)],
      'met',
    ],
    [
      'broken after settling',
      throughout(degraded, { settling: '2s' }),
      [checked(1, 'sol', right), checked(3, 'sol', wrong)],
      'broken',
    ],
    ['unseen', throughout(degraded), [], 'unknown'],
    [
      'unseen after settling',
      throughout(degraded, { settling: '2s' }),
      [checked(1, 'sol', right)],
      'unknown',
    ],
    ['never, and seen not to be', never(passes(sol)), [checked(1, 'sol', {}, '503')], 'met'],
    ['never, but once', never(passes(sol)), [checked(1, 'sol', {}, '503'), checked(2, 'sol', {})], 'broken'],
    ['never, unseen', never(passes(sol)), [], 'unknown'],
  ])('%s', (_, expectation, events, outcome) => {
    expect(settle(expectation, events)?.outcome).toBe(outcome);
  });
});

const took = (
  seconds: number,
  ms: number,
  n: number,
  source: 'probe' | 'load' = 'probe',
  endpoint = 'GET /',
) =>
  samples(
    seconds,
    'rest.latency',
    { kind: 'values', values: Array.from({ length: n }, () => ms) },
    { endpoint },
    source,
  );

describe('how fast answers are', () => {
  const fast = defineCheck({ ...sol, response: { status: 200, within: '650ms' } });
  const slowAnswer = (seconds: number): SiagaEvent => {
    const event = checked(seconds, 'sol', right, '900 ms');
    if (event.type !== 'check.finished') throw new Error('not a check');
    const violations = event.data.violations.map((violation) => ({ ...violation, path: 'durationMs' }));
    return { ...event, data: { ...event.data, violations } };
  };
  it.each<[string, readonly SiagaEvent[], Partial<Settled>]>([
    [
      'one slow answer of many',
      [checked(1, 'sol', right), took(1, 50, 30), slowAnswer(2), took(2, 900, 1)],
      { outcome: 'met' },
    ],
    [
      'more than one in twenty slow',
      [checked(1, 'sol', right), took(1, 50, 30), slowAnswer(2), took(2, 900, 3)],
      { outcome: 'broken', path: 'durationMs', got: 'p95 900 ms (n=33), limit 650 ms' },
    ],
    ['slow ones of the load', [checked(1, 'sol', right), took(1, 900, 30, 'load')], { outcome: 'met' }],
    ['exactly at the limit', [checked(1, 'sol', right), took(1, 650, 30)], { outcome: 'met' }],
    [
      'slow ones of another endpoint, and of another signal',
      [
        checked(1, 'sol', right),
        took(1, 900, 30, 'probe', 'GET /orders'),
        samples(1, 'orders.rate', { kind: 'values', values: [900] }, { endpoint: 'GET /' }, 'probe'),
      ],
      { outcome: 'met' },
    ],
    [
      'fails, and its slow answers besides',
      [took(1, 900, 30), checked(1, 'sol', right, '503')],
      { outcome: 'broken', path: 'status' },
    ],
  ])('%s', (_, events, expected) => {
    expect(settle(throughout(answers(fast, { degraded: true, source: 'okx' })), events)).toMatchObject(
      expected,
    );
    expect(settle(throughout(passes(fast)), events)).toMatchObject(expected);
  });
});

it('slow answers are cited, or their samples', () => {
  const limited = { status: 200, within: '450ms' } as const;
  const counted = defineCheck({ ...sol, response: limited });
  const sampled = took(1, 900, 30);
  expect(settle(throughout(passes(counted)), [sampled])?.evidence).toEqual([sampled.seq]);
  const slow = without(checked(1, 'sol', {}, '900 ms'), {
    violations: [{ path: 'durationMs', rule: 'in time', got: '900 ms', allowed: '450 ms' }],
    durationMs: 900,
  });
  const uncounted = defineCheck({ ...counted, counted: false });
  expect(settle(throughout(passes(uncounted)), [slow])?.evidence).toEqual([slow.seq]);
});

describe('a breaker', () => {
  const returns = within('90s', breaker('coinapi').goes('half-open', 'closed'));
  it.each<[string, Expectation, readonly SiagaEvent[], Partial<Settled>]>([
    [
      'opens',
      within('5s', breaker('coinapi').opens()),
      [scraped(1), moved(2, 'closed', 'open')],
      { outcome: 'met', afterMs: 2_000 },
    ],
    [
      'does not open',
      within('5s', breaker('coinapi').opens()),
      [scraped(1)],
      { outcome: 'broken', got: 'no transition', path: 'breaker.coinapi' },
    ],
    [
      'is not scraped',
      within('5s', breaker('coinapi').opens()),
      [checked(1, 'sol', right)],
      { outcome: 'unknown' },
    ],
    [
      'of another name opens',
      within('5s', breaker('coinapi').opens()),
      [moved(2, 'closed', 'open', 'okx')],
      { outcome: 'broken' },
    ],
    [
      'is not scraped while others measure',
      within('5s', breaker('coinapi').opens()),
      [latencies(1, 100)],
      { outcome: 'unknown' },
    ],
    [
      'while another counter of its name moves',
      within('5s', breaker('coinapi').opens()),
      [samples(2, 'calls', { kind: 'counter', increase: 1 }, { name: 'coinapi', to: 'open' }, 'server')],
      { outcome: 'broken' },
    ],
    [
      'that opened before the stage, told in it',
      within('5s', breaker('coinapi').opens()),
      [moved(-0.5, 'closed', 'open')],
      { outcome: 'unknown' },
    ],
    [
      'that opened in time, told much later',
      within('2s', breaker('coinapi').opens()),
      [scraped(1), scraped(3.5), { ...moved(1.9, 'closed', 'open'), at: began + 3_500 }],
      { outcome: 'met', afterMs: 1_900 },
    ],
    [
      'whose counter does not say to what it moved',
      within('5s', breaker('coinapi').opens()),
      [samples(2, 'breaker.transitions', { kind: 'counter', increase: 1 }, { name: 'coinapi' }, 'server')],
      { outcome: 'broken' },
    ],
    ['closes', returns, [moved(2, 'open', 'half_open'), moved(3, 'half_open', 'closed')], { outcome: 'met' }],
    [
      'closes within one scrape, told in the wrong order',
      returns,
      [moved(2, 'half_open', 'closed'), moved(2, 'open', 'half_open')],
      { outcome: 'met' },
    ],
    [
      'closed before it was half open',
      returns,
      [moved(2, 'open', 'closed'), moved(3, 'closed', 'half_open')],
      { outcome: 'broken', got: 'closed → half-open' },
    ],
    [
      'never closes',
      returns,
      [moved(2, 'open', 'half_open'), moved(3, 'half_open', 'open')],
      { outcome: 'broken', got: 'half-open → open' },
    ],
  ])('%s', (_, expectation, events, settled) => {
    expect(settle(expectation, events)).toMatchObject(settled);
  });

  it('cites its transitions, whether they were those that were promised or not', () => {
    const [open, half] = [moved(1, 'closed', 'open'), moved(2, 'open', 'half_open')];
    const opens = within('5s', breaker('coinapi').opens());
    expect(settle(opens, [open, half])).toMatchObject({ evidence: [open.seq], path: 'breaker.coinapi' });
    expect(settle(returns, [open, half])).toMatchObject({
      evidence: [open.seq, half.seq],
      path: 'breaker.coinapi',
    });
  });

  it('that was half open already when the stage began closes', () => {
    expect(
      settle(returns, [moved(2, 'half_open', 'closed')], [moved(-1, 'open', 'half_open')])?.outcome,
    ).toBe('met');
  });

  it('whose counter stood still made no transition', () => {
    const still = samples(
      1,
      'breaker.transitions',
      { kind: 'counter', increase: 0 },
      { name: 'coinapi', to: 'open' },
      'server',
    );
    expect(settle(within('5s', breaker('coinapi').opens()), [still])?.outcome).toBe('broken');
  });
});

const priced = (seconds: number, price: number, source = 'okx') => checked(seconds, 'sol', { price, source });
const direct = (seconds: number, price: number) => checked(seconds, 'okx', { price });

describe('a price held against its label', () => {
  const near = throughout(value(sol, 'price').near(value(okx, 'price'), '0.4%', { when: { source: 'okx' } }));
  const silent = (event: SiagaEvent) => without(event, { outcome: 'inconclusive' });
  it.each<[string, readonly SiagaEvent[], Partial<Settled>, (readonly SiagaEvent[])?]>([
    ["is OKX's", [direct(1, 100.8), priced(1.2, 100.7)], { outcome: 'met' }],
    ["is OKX's of two seconds before", [priced(1.5, 100.7)], { outcome: 'met' }, [direct(-0.5, 100.8)]],
    [
      "is OKX's newest",
      [direct(1, 90), direct(1.1, 100.8), without(direct(1.2, 0), { states: {} }), priced(1.3, 100.7)],
      { outcome: 'met' },
    ],
    [
      "is OKX's, whatever else is measured between them",
      [direct(1, 100.8), scraped(1.1), priced(1.2, 100.7)],
      { outcome: 'met' },
    ],
    [
      "is OKX's from before the stage",
      [priced(1, 100.7)],
      { outcome: 'met' },
      [direct(-1, 100.8), scraped(-0.5)],
    ],
    [
      "is OKX's newest from before the stage",
      [priced(0.1, 100.7)],
      { outcome: 'met' },
      [direct(-2, 90), direct(-1, 100.8)],
    ],
    [
      'has nothing from the same seconds before the stage',
      [priced(0.1, 100)],
      { outcome: 'unknown', got: expect.stringContaining('okx reported nothing in the same seconds') },
      [direct(-2.001, 100.8)],
    ],
    [
      'is told by an answer that says nothing',
      [direct(1, 100.8), silent(priced(1.2, 7))],
      { outcome: 'unknown' },
    ],
    [
      'stands against words',
      [checked(1, 'okx', { price: 'dear' }), priced(1.2, 100)],
      { outcome: 'unknown' },
    ],
    [
      'is itself no number',
      [direct(1, 1), checked(1.2, 'sol', { price: 'dear', source: 'okx' })],
      { outcome: 'unknown' },
    ],
    [
      "is CoinAPI's under OKX's label",
      [direct(1, 100.8), priced(1.2, 100)],
      { outcome: 'broken', got: "100, 0.79% off okx's 100.8", path: 'states.price' },
    ],
    [
      "is CoinAPI's under its own label",
      [direct(1, 100.8), priced(1.2, 100, 'coinapi')],
      { outcome: 'unknown' },
    ],
    [
      'has nothing from the same seconds to stand against',
      [direct(1, 100.8), priced(3.5, 100)],
      { outcome: 'unknown' },
    ],
    ['has nothing to stand against', [priced(1, 100)], { outcome: 'unknown' }],
  ])('%s', (_, events, settled, before) => {
    expect(settle(near, events, before)).toMatchObject(settled);
  });

  it.each([
    ['exactly as far off as is tolerated', 150, 100, 'met'],
    ['further off above', 151, 100, 'broken'],
    ['further off below', 49, 100, 'broken'],
    ['near nothing at all', 0.5, 0, 'met'],
    ['far from nothing at all', 0.6, 0, 'broken'],
  ] as const)('is %s', (_, got, reference, outcome) => {
    const half = throughout(value(sol, 'price').near(value(okx, 'price'), '50%'));
    const [other, own] = [direct(1, reference), priced(1.2, got)];
    expect(settle(half, [other, own])).toMatchObject({ outcome, evidence: [own.seq, other.seq] });
  });

  it('was right, and is held against nothing in the end', () => {
    const soon = { apart: '500ms' } as const;
    const rule = throughout(value(sol, 'price').near(value(okx, 'price'), '0.4%', soon));
    expect(settle(rule, [direct(1, 100), priced(1.2, 100), priced(2, 50)])).toMatchObject({
      outcome: 'met',
      got: expect.stringContaining('reported nothing in the same seconds'),
    });
  });

  it('counts only beside all that it is told with', () => {
    const both = { when: { source: 'okx', fresh: true } };
    const rule = throughout(value(sol, 'price').near(value(okx, 'price'), '0.4%', both));
    const [stale, fresh] = [false, true].map((is) => [
      direct(1, 100),
      checked(1.2, 'sol', { price: 50, source: 'okx', fresh: is }),
    ]);
    expect(settle(rule, stale ?? [])?.outcome).toBe('unknown');
    expect(settle(rule, fresh ?? [])?.outcome).toBe('broken');
  });
});

describe('a signal', () => {
  const inside = throughout(signal('rest.latency').stays('p95 <= 650ms'));
  const overall = throughout(signal('rest.latency').stays('p95 <= 650ms', { over: 'stage' }));
  const errors = throughout(signal('rest.errors').stays('rate <= 2%'));
  const ratio = (seconds: number, total: number, bad: number) =>
    samples(seconds, 'rest.errors', { kind: 'ratio', total, bad, throttled: 0 });
  it.each<[string, Expectation, readonly SiagaEvent[], Partial<Settled>]>([
    ['stays inside, exactly', inside, [latencies(1, 650), latencies(3, 650)], { outcome: 'met' }],
    [
      'leaves in one bucket',
      inside,
      [latencies(1, 100), latencies(3, 700), latencies(5, 100)],
      { outcome: 'broken', got: 'p95 700 ms (n=20)', path: 'rest.latency' },
    ],
    ['leaves in the last bucket', inside, [latencies(1, 100), latencies(3, 700)], { outcome: 'broken' }],
    [
      'is judged over the stage as a whole',
      overall,
      [latencies(1, 100, 380), latencies(3, 700, 20)],
      { outcome: 'met' },
    ],
    [
      'is over the stage as a whole outside',
      overall,
      [latencies(1, 100, 370), latencies(3, 700, 30)],
      { outcome: 'broken' },
    ],
    [
      'has too few samples in every bucket',
      inside,
      [latencies(1, 700, 19), latencies(3, 700, 19)],
      { outcome: 'unknown' },
    ],
    [
      'is measured by someone else only',
      inside,
      [samples(1, 'rest.latency', { kind: 'values', values: Array(30).fill(1) }, {}, 'server')],
      { outcome: 'unknown' },
    ],
    ['began before the stage', inside, [latencies(0.3, 700)], { outcome: 'unknown' }],
    ['began with the stage', inside, [latencies(0.5, 700)], { outcome: 'broken' }],
    [
      'leaves in a bucket, of which the samples come one by one',
      inside,
      [latencies(1, 700, 10), latencies(1.9, 700, 10)],
      { outcome: 'broken', got: 'p95 700 ms (n=20)' },
    ],
    [
      'leaves only where two buckets are counted as one',
      inside,
      [latencies(1, 100, 20), latencies(3, 700, 10), latencies(5, 700, 10)],
      { outcome: 'unknown' },
    ],
    [
      'leaves in one of two buckets that close together',
      inside,
      [latencies(1, 700), latencies(3, 100), scraped(9)],
      { outcome: 'broken', got: 'p95 700 ms (n=20)' },
    ],
    [
      'is judged once its bucket must have been written',
      eventually(signal('rest.latency').reaches('p95 > 650ms')),
      [latencies(1, 700), scraped(2.499), latencies(1.9, 1, 400), scraped(4)],
      { outcome: 'unknown', got: 'p95 1 ms (n=420)' },
    ],
    ['has too few samples in the whole stage', overall, [latencies(1, 700, 19)], { outcome: 'unknown' }],
    [
      'is measured by someone else only, over the stage',
      overall,
      [samples(1, 'rest.latency', { kind: 'values', values: Array(30).fill(1) }, {}, 'server')],
      { outcome: 'unknown' },
    ],
    ['fails once in a bucket, which alone is not bad', errors, [ratio(1, 20, 1)], { outcome: 'met' }],
    [
      'is so seldom that one failure alone is bad',
      throughout(signal('orders.errors').stays('rate <= 2%')),
      [samples(1, 'orders.errors', { kind: 'ratio', total: 19, bad: 1, throttled: 0 })],
      { outcome: 'broken' },
    ],
    ['fails twice in a bucket', errors, [ratio(1, 20, 2)], { outcome: 'broken', got: 'rate 10% (n=20)' }],
    [
      'reaches what is waited for',
      eventually(signal('rest.latency').reaches('p95 > 650ms')),
      [latencies(1, 100), latencies(3, 700), latencies(9, 1)],
      { outcome: 'met' },
    ],
    [
      'nobody knows',
      throughout(signal('rest.lateness').stays('p95 <= 1s')),
      [latencies(1, 1), samples(1, 'rest.lateness', { kind: 'values', values: [1] })],
      { outcome: 'unknown', got: 'the runbook has no signal rest.lateness' },
    ],
    [
      'stays inside while another one does not',
      inside,
      [latencies(1, 100), samples(1, 'orders.latency', { kind: 'values', values: Array(30).fill(700) })],
      { outcome: 'met', got: expect.stringContaining('(n=20)') },
    ],
    [
      'has no such figure',
      throughout(signal('rest.latency').stays('rate <= 2%')),
      [latencies(1, 1)],
      { outcome: 'unknown' },
    ],
    [
      'leaves from the first moment of a bucket on',
      inside,
      [latencies(2.5, 700, 10), scraped(2.6), latencies(3.4, 700, 10)],
      { outcome: 'broken', got: 'p95 700 ms (n=20)' },
    ],
    [
      'leaves in a bucket of which is told later than of the next',
      inside,
      [latencies(3, 100), { ...latencies(1, 700), at: began + 3_400 }, scraped(9)],
      { outcome: 'broken' },
    ],
    [
      'leaves in a bucket before whose end is told of the one before',
      inside,
      [latencies(3, 700), { ...latencies(1, 100), at: began + 3_400 }, scraped(9)],
      { outcome: 'broken' },
    ],
    [
      'fires',
      eventually(signal('rest.latency').fires()),
      [changed(1, { kind: 'declared', by: firing } as never)],
      { outcome: 'met' },
    ],
    [
      'fires when it joins',
      eventually(signal('rest.latency').fires()),
      [changed(1, { kind: 'signal-joined', by: firing } as never)],
      { outcome: 'met' },
    ],
    [
      'is measured and does not fire',
      eventually(signal('rest.latency').fires()),
      [latencies(1, 900)],
      { outcome: 'broken' },
    ],
    [
      'is measured while another one fires',
      eventually(signal('db.latency').fires()),
      [changed(1, { kind: 'declared', by: firing } as never), scraped(2)],
      { outcome: 'unknown' },
    ],
    [
      'fires no more',
      eventually(signal('rest.latency').fires()),
      [latencies(1, 900), changed(1.5, { kind: 'mitigated' })],
      { outcome: 'broken', got: 'measured, and did not fire' },
    ],
    ['is not measured', eventually(signal('rest.latency').fires()), [scraped(1)], { outcome: 'unknown' }],
  ])('%s', (_, expectation, events, settled) => {
    expect(settle(expectation, events)).toMatchObject(settled);
  });

  it('cites the samples by which it is judged, and what fired', () => {
    const [batch, fired] = [latencies(1, 700), changed(2, { kind: 'declared', by: firing } as never)];
    expect(settle(inside, [batch])?.evidence).toEqual([batch.seq]);
    expect(settle(overall, [batch])).toMatchObject({ evidence: [batch.seq], path: 'rest.latency' });
    const fires = eventually(signal('rest.latency').fires());
    expect(settle(fires, [batch])).toMatchObject({ evidence: [batch.seq], path: 'rest.latency' });
    expect(settle(fires, [batch, fired])).toMatchObject({
      evidence: [fired.seq],
      path: 'rest.latency',
      got: firing.got,
    });
  });

  it('is known by its name before anything is broken', () => {
    const { stays, reaches, fires } = signal('rest.latency');
    for (const { signals } of [stays('p95 <= 650ms'), reaches('p95 > 1s'), fires()])
      expect(signals).toEqual(['rest.latency']);
    const [bucket, stage] = [{}, { over: 'stage' } as const].map((over) => stays('p95 <= 650ms', over).text);
    expect([bucket, stage]).toEqual([
      'rest.latency stays p95 <= 650ms',
      'rest.latency stays p95 <= 650ms over the whole stage',
    ]);
  });

  it('refuses what is not a condition', () => {
    expect(() => signal('rest.latency').stays('p95 below 650ms' as never)).toThrow(
      expect.objectContaining({ code: 'bad-condition', exitCode: 2 }),
    );
  });
});

const asked = (seconds: number, id: string, template: 'DEGRADED' | 'RECOVERED' = 'DEGRADED') =>
  at(seconds, {
    type: 'message.requested',
    data: {
      message: id,
      incident: 'INC-1',
      transition: 1,
      channel: 'telegram',
      template,
      text: '',
    },
  });
const delivered = (seconds: number, id: string) =>
  at(seconds, { type: 'message.delivered', data: { message: id, channel: 'telegram', attempt: 1 } });
const unsent = (seconds: number, id: string) =>
  at(seconds, {
    type: 'message.failed',
    data: { message: id, channel: 'telegram', attempt: 1, reason: '503', retryAtMs: 0 },
  });
const refused = (seconds: number, id: string) =>
  at(seconds, { type: 'message.dead', data: { message: id, channel: 'telegram', reason: '403' } });

describe('an incident and its messages', () => {
  const sent = eventually(message('DEGRADED').sent());
  it.each<[string, Expectation, readonly SiagaEvent[], Partial<Settled>]>([
    [
      'declared',
      eventually(incident.declared()),
      [changed(1, { kind: 'declared' })],
      { outcome: 'met', got: 'INC-1 declared', allowed: 'declared' },
    ],
    [
      'declared in time, written later',
      within('5s', incident.declared()),
      [{ ...changed(4.9, { kind: 'declared' }), at: began + 6_200 }],
      { outcome: 'met', afterMs: 4_900 },
    ],
    [
      'sent too late',
      within('5s', message('DEGRADED').sent()),
      [asked(1, 'm1'), delivered(6, 'm1')],
      { outcome: 'broken', got: 'delivered over telegram, but only after 6 s' },
    ],
    [
      'not declared',
      eventually(incident.declared()),
      [latencies(1, 1)],
      { outcome: 'broken', got: 'no change of an incident' },
    ],
    ['nothing measured', eventually(incident.declared()), [], { outcome: 'unknown' }],
    [
      'mitigated only',
      recovered(),
      [changed(1, { kind: 'mitigated' })],
      { outcome: 'broken', got: 'mitigated' },
    ],
    [
      'recovered',
      recovered(),
      [changed(1, { kind: 'mitigated' }), changed(2, { kind: 'recovered' })],
      { outcome: 'met' },
    ],
    ['sent', sent, [asked(1, 'm1'), delivered(2, 'm1')], { outcome: 'met', got: 'delivered over telegram' }],
    ['requested only', sent, [asked(1, 'm1')], { outcome: 'broken', got: 'requested, not delivered so far' }],
    ['refused', sent, [asked(1, 'm1'), refused(2, 'm1')], { outcome: 'broken', got: 'telegram: 403' }],
    [
      'not delivered for now',
      sent,
      [asked(1, 'm1'), unsent(2, 'm1')],
      { outcome: 'broken', got: 'telegram: 503', path: 'message' },
    ],
    [
      'asked for of another kind',
      sent,
      [asked(1, 'm1', 'RECOVERED'), delivered(2, 'm1')],
      { outcome: 'unknown' },
    ],
    ['another message sent', sent, [asked(1, 'm1'), delivered(2, 'm2')], { outcome: 'broken' }],
    ['no message', sent, [latencies(1, 1)], { outcome: 'unknown' }],
  ])('%s', (_, expectation, events, settled) => {
    expect(settle(expectation, events)).toMatchObject(settled);
  });
});

it('cites the events by which an incident and its messages are judged', () => {
  const [mitigated, over] = [changed(1, { kind: 'mitigated' }), changed(2, { kind: 'recovered' })];
  expect(settle(recovered(), [mitigated])).toMatchObject({ evidence: [mitigated.seq], path: 'incident' });
  expect(settle(recovered(), [mitigated, over])?.evidence).toEqual([over.seq]);
  const sent = eventually(message('DEGRADED').sent());
  const [request, told, dead] = [asked(1, 'm1'), delivered(2, 'm1'), refused(2, 'm1')];
  expect(settle(sent, [request])).toMatchObject({ evidence: [request.seq], path: 'message' });
  expect(settle(sent, [request, told])?.evidence).toEqual([told.seq]);
  expect(settle(sent, [request, dead])).toMatchObject({ evidence: [dead.seq], path: 'message' });
});

describe('a state', () => {
  it.each<[string, readonly SiagaEvent[], Settled['outcome']]>([
    ['told so', [checked(1, 'any', { fallback: false })], 'met'],
    ['told otherwise', [checked(1, 'any', { fallback: true })], 'broken'],
    ['told by nobody', [checked(1, 'any', {})], 'unknown'],
  ])('%s', (_, events, outcome) => {
    expect(settle(within('5s', state('fallback').is(false)), events)?.outcome).toBe(outcome);
  });

  it('is told with what it was, and by which answer', () => {
    const event = checked(1, 'any', { fallback: true });
    expect(settle(within('5s', state('fallback').is(false)), [event])).toMatchObject({
      got: 'true',
      path: 'states.fallback',
      evidence: [event.seq],
    });
  });
});

const every = (count: number, apart: number, one: (seconds: number) => SiagaEvent): readonly SiagaEvent[] =>
  Array.from({ length: count }, (_, index) => one((index + 1) * apart));

const inconclusive = (seconds: number): SiagaEvent => {
  const event = checked(seconds, 'sol', {});
  if (event.type !== 'check.finished') throw new Error('not a check');
  return { ...event, data: { ...event.data, outcome: 'inconclusive', late: true, reason: 'late' } };
};

describe('row 16: what is known of a stage', () => {
  const met = throughout(degraded);
  const stays = throughout(signal('rest.latency').stays('p95 <= 650ms'));
  const noFallback = throughout(state('fallback').is(false));
  const told = (seconds: number) => checked(seconds, 'any', { fallback: false });
  it.each<[string, Expectation, readonly SiagaEvent[], Partial<Settled>, number?]>([
    [
      'one pass, and then only answers that say nothing',
      met,
      [checked(1, 'sol', right), ...every(19, 1, (s) => inconclusive(s + 1))],
      { outcome: 'unknown', got: 'passed, degraded true, source "okx"; known for 1 s of 20 s (5%)' },
    ],
    [
      'four of five answers are known',
      met,
      every(20, 1, (s) => (s % 5 === 2 ? inconclusive(s) : checked(s, 'sol', right))),
      { outcome: 'met', got: expect.stringMatching(/known for 16.* of 20 s/) },
    ],
    [
      'three of four answers are known',
      met,
      every(20, 1, (s) => (s % 4 === 2 ? inconclusive(s) : checked(s, 'sol', right))),
      { outcome: 'unknown' },
    ],
    [
      'answers that take their time are known while they are on their way',
      never(passes(sol)),
      every(5, 2, (s) => {
        const event = checked(s, 'sol', {}, '503');
        return { ...event, data: { ...event.data, durationMs: 1_900 } } as SiagaEvent;
      }),
      { outcome: 'met' },
    ],
    [
      'one bucket of eight has enough samples',
      stays,
      [latencies(1, 100), ...every(8, 2, (s) => latencies(s + 1, 100, 5))],
      { outcome: 'unknown', got: expect.stringContaining('known for 2 s of 16 s') },
    ],
    ['seven buckets of eight', stays, every(7, 2, (s) => latencies(s - 1, 100)), { outcome: 'met' }, 16],
    [
      'a signal that was measured once did not, as far as is known, never fire',
      never(signal('rest.latency').fires()),
      [latencies(1, 100)],
      { outcome: 'unknown' },
      16,
    ],
    [
      'a signal that was measured all through',
      never(signal('rest.latency').fires()),
      every(8, 2, (s) => latencies(s - 1, 100)),
      { outcome: 'met' },
      16,
    ],
    ['a state told once', noFallback, [told(1)], { outcome: 'unknown' }, 16],
    ['a state told all through', noFallback, every(16, 1, told), { outcome: 'met' }, 16],
    [
      'a price that was held against another once',
      throughout(value(sol, 'price').near(value(okx, 'price'), '0.4%')),
      [checked(0.5, 'okx', { price: 100 }), checked(1, 'sol', { price: 100 })],
      { outcome: 'unknown' },
      16,
    ],
    [
      'a price that was held against another once, however often that was told',
      throughout(value(sol, 'price').near(value(okx, 'price'), '0.4%')),
      [direct(0.5, 100), priced(1, 100), ...every(15, 1, (s) => direct(s + 0.5, 100))],
      { outcome: 'unknown' },
      16,
    ],
    [
      'a price that was held against another all through',
      throughout(value(sol, 'price').near(value(okx, 'price'), '0.4%')),
      every(32, 0.5, (s) => (s % 1 === 0 ? priced(s, 100) : direct(s, 100))),
      { outcome: 'met' },
      16,
    ],
    ['four buckets of five', stays, every(4, 2, (s) => latencies(s - 1, 100)), { outcome: 'met' }, 10],
    [
      'what is over its limit in one bucket, however little is known of the rest',
      throughout(signal('rest.latency').stays('p95 <= 650ms', { over: 'stage' })),
      [latencies(1, 700)],
      { outcome: 'broken' },
      16,
    ],
    [
      'what was waited for, however little is known of the rest',
      eventually(signal('rest.latency').reaches('p95 > 650ms', { over: 'stage' })),
      [latencies(1, 700)],
      { outcome: 'met' },
      16,
    ],
    [
      'a state told once, while much else was measured',
      noFallback,
      [told(1), ...every(15, 1, scraped)],
      { outcome: 'unknown' },
      16,
    ],
    [
      'no incident, as far as one sample tells',
      never(incident.declared()),
      [latencies(1, 100)],
      { outcome: 'unknown' },
      16,
    ],
    [
      'no incident while all was measured',
      never(incident.declared()),
      every(32, 0.5, (s) => (s % 1 === 0 ? latencies(s, 100) : told(s))),
      { outcome: 'met' },
      16,
    ],
    [
      'a breaker that was looked at once',
      never(breaker('coinapi').opens()),
      [scraped(1)],
      { outcome: 'unknown' },
      16,
    ],
    [
      'a breaker that was looked at all through',
      never(breaker('coinapi').opens()),
      every(16, 1, scraped),
      { outcome: 'met' },
      16,
    ],
  ])('%s', (_, expectation, events, settled, lasted) => {
    const until = lasted === undefined ? undefined : began + lasted * 1_000;
    expect(settle(expectation, events, [], until)).toMatchObject(settled);
  });

  it('a state is expected as often as it was told before the stage', () => {
    const before = every(10, 4, (s) => told(s - 50));
    expect(settle(noFallback, every(4, 4, told), before)?.outcome).toBe('met');
  });

  it.each<[string, readonly SiagaEvent[], readonly SiagaEvent[], Settled['outcome']]>([
    ['less often than before', every(10, 1, (s) => told(s - 50)), every(4, 4, told), 'unknown'],
    [
      'less often than before, but for one pause',
      [...every(19, 1, (s) => told(s - 90)), told(-30), told(-29)],
      every(4, 4, told),
      'unknown',
    ],
    [
      'as seldom as once before, among ever so many',
      [told(-50), ...every(9, 4, (s) => told(s - 46)), ...every(3, 1, (s) => told(s - 10))],
      every(4, 4, told),
      'met',
    ],
    [
      'as often as its checks are asked, whoever else was',
      every(20, 4, (s) => (s % 8 === 0 ? told(s - 90) : checked(s - 90, 'any', {}))),
      every(2, 8, told),
      'met',
    ],
    ['at once by several', [told(-3), told(-3), scraped(-3), told(-3)], every(8, 3, told), 'met'],
    ['as seldom as a bucket is long, for the first time', [], every(8, 3, told), 'met'],
    ['more seldom, for the first time', [], every(8, 3.001, told), 'unknown'],
  ])('a state that is told %s', (_, before, events, outcome) => {
    expect(settle(noFallback, events, before)?.outcome).toBe(outcome);
  });

  it('what was broken in sight is broken, however little is known of the rest', () => {
    expect(settle(met, [checked(1, 'sol', wrong)], [], began + 60_000)?.outcome).toBe('broken');
  });
});

describe('no false red: a deadline that nobody saw pass', () => {
  it.each<[string, readonly SiagaEvent[], Settled['outcome'], Duration?]>([
    [
      'our probes were late from the second second on',
      [checked(1, 'sol', wrong), ...every(9, 1, (s) => inconclusive(s + 1))],
      'unknown',
    ],
    [
      'nothing was observed around the deadline, and it was met after',
      [checked(1, 'sol', wrong), checked(8, 'sol', right)],
      'unknown',
    ],
    [
      'nothing was observed as it passed, and most of the time before was',
      every(8, 1, (s) => checked(s, 'sol', wrong)),
      'unknown',
      '10s',
    ],
    [
      'observed all the while',
      [...every(7, 1, (s) => checked(s, 'sol', wrong)), checked(8, 'sol', right)],
      'broken',
    ],
  ])('%s', (_, events, outcome, deadline = '5s') => {
    expect(settle(within(deadline, degraded), events, [], began + 12_000)?.outcome).toBe(outcome);
  });
});

describe('row 17: the limit of time of a check', () => {
  const limited = { status: 200, within: '450ms' } as const;
  const counted = defineCheck({ ...sol, response: limited });
  const uncounted = defineCheck({ ...sol, every: '500ms', response: limited, counted: false });
  const slow = (seconds: number): SiagaEvent => {
    const event = checked(seconds, 'sol', {}, '1.9 s');
    if (event.type !== 'check.finished') throw new Error('not a check');
    const violations = [{ path: 'durationMs', rule: 'in time', got: '1.9 s', allowed: '450 ms' }];
    return { ...event, data: { ...event.data, violations, durationMs: 400 } };
  };
  it.each<[string, Expectation, readonly SiagaEvent[], Partial<Settled>]>([
    [
      'every answer of a check that feeds no samples is over it',
      throughout(passes(uncounted)),
      every(40, 0.5, slow),
      { outcome: 'broken', path: 'durationMs', got: expect.stringContaining('(n=40), limit 450 ms') },
    ],
    [
      'one slow answer in forty of such a check breaks nothing',
      throughout(passes(uncounted)),
      [...every(39, 0.5, (s) => checked(s, 'sol', {})), slow(20)],
      { outcome: 'met' },
    ],
    [
      'one slow answer in nineteen of such a check is too many',
      throughout(passes(uncounted)),
      [...every(18, 0.5, (s) => checked(s, 'sol', {})), slow(9.5)],
      { outcome: 'broken', got: 'p95 400 ms (n=19), limit 450 ms' },
    ],
    [
      'of such a check its slower answers decide, and no other one',
      throughout(passes(uncounted)),
      [
        ...every(7, 0.5, (s) => checked(s, 'sol', {})),
        ...[900, 700, 800].map((durationMs, index) => without(slow(4 + index / 2), { durationMs })),
        without(slow(5), { check: 'okx', durationMs: 2_000 }),
        without(slow(5), { outcome: 'inconclusive', durationMs: 2_000 }),
      ],
      { outcome: 'broken', got: 'p95 900 ms (n=10), limit 450 ms' },
    ],
    [
      'of such a check the passes that were not written count too',
      throughout(passes(uncounted)),
      [without(checked(1, 'sol', {}), { unwritten: 18 }), slow(1.5)],
      { outcome: 'met' },
    ],
    [
      'a slow answer is no pass to wait for',
      within('10s', passes(counted)),
      [...every(10, 1, slow), took(10, 1_900, 10)],
      { outcome: 'broken', got: expect.stringContaining('p95 1.9 s') },
    ],
    [
      'the first answer in time is',
      within('10s', passes(counted)),
      [slow(1), slow(2), checked(3, 'sol', {})],
      { outcome: 'met', afterMs: 3_000 },
    ],
    [
      'a slow answer says nothing of what was wrong before it',
      eventually(answers(counted, { degraded: true })),
      [checked(1, 'sol', wrong), without(slow(2), { states: right })],
      { outcome: 'broken', got: 'degraded false' },
    ],
    [
      'what fails besides is told before its slow answers',
      eventually(passes(counted)),
      [took(1, 1_900, 10), checked(1, 'sol', {}, '503')],
      { outcome: 'broken', path: 'status' },
    ],
    [
      'slow answers alone, their samples before them',
      eventually(passes(counted)),
      [took(1, 1_900, 10), ...every(10, 1, slow)],
      { outcome: 'broken' },
    ],
  ])('%s', (_, expectation, events, settled) => {
    expect(settle(expectation, events)).toMatchObject(settled);
  });
});

const startedAt = (seconds: number, start: number) => {
  const values = [began / 1_000 + start];
  return samples(seconds, processStart, { kind: 'values', values }, {}, 'server');
};

describe('row 18: only transitions of the stage count for a breaker', () => {
  const opens = within('5s', breaker('coinapi').opens());
  const returns = within('90s', breaker('coinapi').goes('half-open', 'closed'));
  it.each<[string, Expectation, readonly SiagaEvent[], readonly SiagaEvent[], Settled['outcome']]>([
    ['open since before the stage', opens, [moved(-100, 'CLOSED', 'OPEN')], every(6, 1, scraped), 'broken'],
    [
      'opened before, closed and opened again',
      opens,
      [moved(-100, 'CLOSED', 'OPEN')],
      [scraped(1), moved(2, 'HALF_OPEN', 'OPEN')],
      'met',
    ],
    [
      'half open before, and the system restarted since: what stood then stands no more',
      returns,
      [startedAt(-110, -500), moved(-100, 'OPEN', 'HALF_OPEN')],
      [startedAt(1, -3), moved(2, 'CLOSED', 'OPEN'), moved(3, 'OPEN', 'CLOSED'), ...every(6, 1, scraped)],
      'broken',
    ],
    [
      'half open before, and the system restarted before the stage: what stood then stands no more',
      returns,
      [startedAt(-110, -500), moved(-100, 'OPEN', 'HALF_OPEN'), startedAt(-50, -52)],
      [moved(2, 'HALF_OPEN', 'CLOSED')],
      'broken',
    ],
    [
      'half open before, and another figure that reads like the start of a process',
      returns,
      [startedAt(-110, -500), moved(-100, 'OPEN', 'HALF_OPEN')],
      [
        samples(1, 'cache.updated', { kind: 'values', values: [began / 1_000 + 0.5] }, {}, 'server'),
        moved(2, 'HALF_OPEN', 'CLOSED'),
      ],
      'met',
    ],
    [
      'A3: half open before, and another process that stood beside it answers: nothing was restarted',
      returns,
      [startedAt(-110, -500), moved(-100, 'OPEN', 'HALF_OPEN')],
      [startedAt(1, -400), startedAt(2, -500), moved(2, 'HALF_OPEN', 'CLOSED')],
      'met',
    ],
    [
      'half open before, and the same process since',
      returns,
      [startedAt(-110, -500), moved(-100, 'OPEN', 'HALF_OPEN')],
      [startedAt(1, -500), moved(2, 'HALF_OPEN', 'CLOSED')],
      'met',
    ],
  ])('%s', (_, expectation, before, events, outcome) => {
    expect(settle(expectation, events, before)?.outcome).toBe(outcome);
  });
});
