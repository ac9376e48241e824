import { describe, expect, test } from 'vitest';
import runbook from '../../runbook.ts';
import type { CheckFinished } from '../event/catalogue.ts';
import type { Draft, SiagaEvent } from '../event/envelope.ts';
import type { IncidentChange } from '../event/incident.ts';
import type { RoundMeasured, SignalMeasured, StandingAnswer } from '../event/round.ts';
import type { SampleSource } from '../event/samples.ts';
import type { JudgeSpec } from '../event/specs.ts';
import { createEngine, type Engine } from '../incident/engine.ts';
import type { Incident, Phase } from '../incident/state.ts';
import { minute, origin, started } from '../incident/testing/play.ts';
import { foldFirstFailure } from '../projection/first-failure.ts';
import { foldFindings } from '../projection/findings.ts';
import { compileJudge } from '../runbook/judge.ts';
import { round, type RoundParts } from './round.ts';
import { withIncidents } from './standing.ts';

const plain = compileJudge(runbook, { speed: 1, loadRunning: false, coreChecks: ['sol'] });
const second = 1_000;

/** What is told at a moment of a round. What is left out is well. */
interface Told {
  readonly sol?: CheckFinished['outcome'] | 'silent';
  /** How many connections of `sol` were refused. */
  readonly refused?: number;
  readonly held?: StandingAnswer;
  readonly mail?: CheckFinished['outcome'] | 'held';
  readonly states?: CheckFinished['states'];
  /** States that `sol` declares and does not tell. */
  readonly untold?: readonly string[];
  /** Milliseconds of age, `null` for no sample. */
  readonly freshness?: number | null;
  readonly ws?: number;
  readonly redis?: number | null;
  /** Toggles that are not normal, or that they cannot be read. */
  readonly toggles?: readonly string[] | 'unreadable';
  readonly also?: readonly Draft[];
}

const violation = { path: 'body.orderBook', rule: 'it is there', got: 'missing', allowed: 'an object' };

function answer(check: string, outcome: CheckFinished['outcome'], over: Partial<CheckFinished> = {}): Draft {
  const data: CheckFinished = {
    check,
    title: check,
    tags: [],
    outcome,
    violations: outcome === 'failed' ? [violation] : [],
    ...(outcome === 'inconclusive' && { reason: 'we were late' }),
    durationMs: 10,
    latenessMs: 0,
    loopLagMs: 0,
    lane: check,
    states: {},
    ...over,
  };
  return { type: 'check.finished', data };
}

const unexplained: Draft = (() => {
  const { type, data } = answer('docs', 'inconclusive') as Extract<Draft, { type: 'check.finished' }>;
  const { reason: _, ...rest } = data;
  return { type, data: rest };
})();

function draftsOf(told: Told, at: number): readonly Draft[] {
  const { sol = 'passed', mail, held, states = { fallback: false }, toggles = [], untold } = told;
  const refused = Array.from({ length: told.refused ?? 0 }, () =>
    answer('sol', 'failed', { noConnection: 'refused', noAnswer: true }),
  );
  const { freshness = 100, ws = 40, redis = 1 } = told;
  const of = (signal: string, source: SampleSource, value: number | null): readonly Draft[] =>
    value === null
      ? []
      : [
          {
            type: 'samples',
            data: {
              signal,
              source,
              labels: {},
              from: at,
              to: at + 1,
              data: { kind: 'values', values: [value] },
            },
          },
        ];
  const read =
    toggles === 'unreadable'
      ? { ok: false, reason: 'refused', abnormal: [] }
      : { ok: true, abnormal: abnormal(toggles) };
  const notAsked = { notAsked: true, ...(held && { stands: held }), reason: 'not asked' } as const;
  return [
    ...refused,
    ...(sol === 'silent' || refused.length > 0
      ? []
      : [answer('sol', sol, { states, ...(untold && { untold }) })]),
    ...(mail === undefined
      ? []
      : [mail === 'held' ? answer('mail', 'inconclusive', notAsked) : answer('mail', mail)]),
    ...of('freshness', 'probe', freshness),
    ...of('ws.roundtrip', 'probe', ws),
    ...of('redis.up', 'server', redis),
    { type: 'toggle.read', data: { values: {}, ...read } },
    ...(told.also ?? []),
  ];
}

const abnormal = (names: readonly string[]) => names.map((name) => ({ name, got: 'x', normal: 'y' }));

interface Play {
  readonly stay?: boolean;
  readonly measured?: Partial<RoundMeasured>;
  /** Seconds into its minute at which the round begins. Default 0. */
  readonly from?: number;
  readonly judge?: JudgeSpec;
  readonly engine?: (now: () => number) => Engine;
  /** What the run was told of before the round. */
  readonly before?: readonly Draft[];
  /** Seconds after which somebody interrupts it. */
  readonly abortAt?: number;
}

/** A round in a world that is told of by the second since it began; sampled once a second while it stays. */
async function play(world: (second: number) => Told, options: Play = {}) {
  const { judge = plain } = options;
  const { stay = true, measured = {}, from = 0, before = [], abortAt = Infinity } = options;
  const aborter = new AbortController();
  const begun = origin + from * second;
  let now = begun;
  const log: SiagaEvent[] = [];
  const listeners = new Set<(event: SiagaEvent) => void>();
  const engine = options.engine?.(() => now) ?? createEngine();
  const append = (draft: Draft): SiagaEvent => {
    const event = {
      v: 1,
      seq: log.length + 1,
      run: 'r',
      at: now,
      mono: now,
      boot: 'b',
      ...draft,
    } as SiagaEvent;
    log.push(event);
    for (const listener of listeners) listener(event);
    for (const derived of options.engine ? [] : engine.step(event)) append(derived);
    return event;
  };
  let sampling = false;
  let passes = 0;
  const tell = () => {
    draftsOf(world((now - begun) / second), now).forEach(append);
    if (now - begun >= abortAt * second) aborter.abort();
  };
  append(started(false, judge));
  before.forEach(append);
  const parts: RoundParts = {
    journal: {
      run: 'r',
      append,
      events: () => log,
      subscribe: (listener) => (listeners.add(listener), () => listeners.delete(listener)),
    },
    clock: {
      now: () => now,
      monotonic: () => now,
      sleep: () => {
        now += second;
        if (sampling) tell();
        append({ type: 'tick', data: { bucket: 0 } });
        return Promise.resolve();
      },
    },
    judge,
    signal: aborter.signal,
    engine,
    runRound: () => Promise.resolve(tell()).then(() => void (passes += 1)),
    startSampling: () => ((sampling = true), { stop: () => Promise.resolve(void (sampling = false)) }),
    measured: () => ({ signals: [], toggles: togglesOf(log), ...measured }),
  };
  const result = await round(parts, stay);
  const ending = withIncidents(result, { events: log, engine, judge, now, openBefore: 1 });
  return { ...result, ...ending, took: (now - begun) / minute, log, passes, sampling };
}

function togglesOf(log: readonly SiagaEvent[]): NonNullable<RoundMeasured['toggles']> {
  const read = log.findLast((event) => event.type === 'toggle.read')?.data;
  return { read: read?.ok ?? false, ...(read?.reason !== undefined && { why: read.reason }) };
}

const checkOf = ({ measured }: { readonly measured: RoundMeasured }, name: string) =>
  measured.checks.find(({ check }) => check === name);

const grown = (value: number | null, signal = 'db.latency'): readonly SignalMeasured[] => [
  { signal, state: 'not-measured', n: 0, value: null, increase: { since: 0, n: 40, value } },
];

describe('one pass', () => {
  test.each<[string, Told, Partial<RoundMeasured>, number, string]>([
    ['in which all is well passes', {}, {}, 0, ''],
    ['between recovered and its trigger is not out', { ws: 300 }, {}, 0, ''],
    [
      'with a failed check fails',
      { sol: 'failed' },
      {},
      1,
      'sol: body.orderBook: expected an object, got missing',
    ],
    ['with a gauge that is out fails', { redis: 0 }, {}, 1, 'redis.up max 0 (n=1), allowed at least 1'],
    [
      'with a state that is not normal fails',
      { states: { fallback: true } },
      {},
      1,
      'state fallback: expected false, got true',
    ],
    ['with a toggle that is not normal fails', { toggles: ['A'] }, {}, 1, 'toggle A: expected y, got x'],
    [
      'out on too few samples says nothing',
      { freshness: 9_000 },
      {},
      3,
      'freshness p95 9 s (n=1), allowed at most 5 s: too few samples to decide',
    ],
    [
      'with an increase that is out since the round before says nothing',
      {},
      { signals: grown(800) },
      3,
      'db.latency p99 800 ms (n=40) since the round before, allowed at most 500 ms: an increase alone does not decide',
    ],
    ['with an increase that is inside passes', {}, { signals: grown(400) }, 0, ''],
    ['with an increase of which nothing is known passes', {}, { signals: grown(null) }, 0, ''],
    [
      'with a check that failed and does not say by what fails',
      { also: [answer('docs', 'failed', { violations: [] })] },
      {},
      1,
      'docs failed',
    ],
    [
      'with a check that failed twice says how often',
      { also: [answer('docs', 'failed'), answer('docs', 'failed')] },
      {},
      1,
      'docs: body.orderBook: expected an object, got missing; 2 of 2 answers failed',
    ],
    [
      'with a check that could not tell, for no reason, says nothing',
      { also: [unexplained] },
      {},
      3,
      'docs: inconclusive, no reason given',
    ],
    [
      'with a check of something that has no address here is decided by the others',
      { also: [answer('direct', 'inconclusive', { noAddress: true })] },
      {},
      0,
      '',
    ],
    [
      'with none but checks of what has no address here says nothing',
      { sol: 'silent', also: [answer('direct', 'inconclusive', { noAddress: true })] },
      {},
      3,
      'direct: inconclusive, we were late',
    ],
    [
      'without the metrics that are configured says nothing',
      {},
      { metrics: { why: 'status 503' } },
      3,
      'status 503',
    ],
    [
      'whose page of metrics does not tell a configured metric says nothing',
      {},
      { metrics: { untold: ['db_up', 'slow_total'] } },
      3,
      'the metrics could not be read: the target reports no db_up, no slow_total',
    ],
    [
      'hunt 4: whose page tells a configured metric so that it cannot be judged says nothing',
      {},
      {
        metrics: {
          unusable: [
            { metric: 'queue_depth', why: 'is NaN' },
            { metric: 'db', why: 'has no buckets' },
          ],
        },
      },
      3,
      'the metrics could not be read: queue_depth is NaN, db has no buckets',
    ],
    [
      'hunt 16: of which no answer told a state of the runbook says nothing',
      { states: {}, untold: ['fallback'] },
      {},
      3,
      'state fallback: sol answered but did not report it',
    ],
    ['hunt 16: whose untold state another answer told passes', { untold: ['fallback'] }, {}, 0, ''],
    ['hunt 16: whose untold state nothing is judged by passes', { untold: ['colour'] }, {}, 0, ''],
    [
      'hunt 16: of which a text is told where true or false is normal says so',
      { states: { fallback: 'false' } },
      {},
      1,
      'state fallback: expected false (boolean), got "false" (text)',
    ],
    [
      'without the toggles that are configured says nothing',
      { toggles: 'unreadable' },
      {},
      3,
      'the toggles could not be read: refused',
    ],
    [
      'without toggles that nobody configured passes',
      { toggles: 'unreadable' },
      { toggles: { read: false, unknown: true } },
      0,
      '',
    ],
    ['that could not tell says nothing', { sol: 'inconclusive' }, {}, 3, 'sol: inconclusive, we were late'],
    [
      'that failed is not excused by what else could not be read',
      { sol: 'failed', toggles: 'unreadable' },
      {},
      1,
      'sol: body.orderBook: expected an object, got missing',
    ],
  ])('%s (item 3)', async (_, told, measured, exitCode, reason) => {
    const result = await play(() => told, { stay: false, measured });
    expect([result.exitCode, result.reason, result.stayed]).toEqual([exitCode, reason, false]);
  });

  test.each<[string, Told, Partial<RoundMeasured>, object]>([
    ['a gauge', { redis: 0 }, {}, { kind: 'signal', name: 'redis.up', outcome: 'failed' }],
    [
      'a state',
      { states: { fallback: true } },
      {},
      { kind: 'state', name: 'fallback', got: 'true', allowed: 'false', outcome: 'failed' },
    ],
    ['a toggle', { toggles: ['A'] }, {}, { kind: 'toggle', name: 'A', outcome: 'failed' }],
    [
      'too few samples',
      { freshness: 9_000 },
      {},
      { kind: 'signal', name: 'freshness', outcome: 'inconclusive' },
    ],
    ['an increase', {}, { signals: grown(800) }, { name: 'db.latency', outcome: 'inconclusive' }],
    ['metrics', {}, { metrics: { why: 'status 503' } }, { kind: 'metrics', got: 'status 503' }],
    ['toggles', { toggles: 'unreadable' }, {}, { kind: 'toggle', name: 'toggles', outcome: 'inconclusive' }],
  ])('hunt 6: what ends it can be read from its events: %s', async (_, told, measured, expected) => {
    const { log } = await play(() => told, { stay: false, measured });
    expect(foldFindings(log)).toMatchObject([expected]);
  });

  test('hunt 6: what a stay has decided, or an open incident explains, is not told as what ends it', async () => {
    const calm = await play((at) => (at === 0 ? { freshness: 9_000 } : {}));
    expect(calm).toMatchObject({ exitCode: 0, stayed: true });
    expect(foldFindings(calm.log)).toEqual([]);
    const { log } = await play(() => ({ redis: 0 }));
    expect(foldFindings(log)).toMatchObject([{ kind: 'incident', outcome: 'failed' }]);
  });

  test('tells what is out once, though its count grew too', async () => {
    const { measured } = await play(() => ({ redis: 0 }), {
      stay: false,
      measured: { signals: grown(0, 'redis.up') },
    });
    expect(measured.out).toEqual([{ signal: 'redis.up', got: 'max 0 (n=1)', allowed: 'at least 1' }]);
  });

  test.each([
    ['the first failure', 'failed', 'one'],
    ['else the newest answer', 'passed', 'two'],
  ] as const)('shows of a check that was asked twice %s', async (_, outcome, requestId) => {
    const also = ['one', 'two'].map((id) => answer('docs', outcome, { requestId: id }));
    const { checks } = await play(() => ({ also }), { stay: false });
    expect(checks.find(({ check }) => check === 'docs')).toMatchObject({ requestId });
  });

  test('in which all is well does not stay', async () => {
    expect(await play(() => ({}))).toMatchObject({ exitCode: 0, stayed: false, took: 0 });
  });

  test('beside another run’s drill does not stay: what is out is the drill’s', async () => {
    const drill = { experiment: 'provider-down', on: true };
    const before: Draft[] = [{ type: 'incident.noticed', data: { run: 'other', drill } }];
    expect(await play(() => ({ redis: 0 }), { before })).toMatchObject({
      exitCode: 3,
      stayed: false,
      took: 0,
    });
  });

  test.each([
    ['in its only pass', 0, { stayed: false, took: 0, passes: 1 }],
    ['while it stays', 5, { stayed: true, took: 5 / 60, passes: 1, sampling: false }],
  ])(
    'that is interrupted %s is neither passed nor failed, and looks no more',
    async (_, abortAt, expected) => {
      expect(await play(() => ({ freshness: 9_000 }), { abortAt })).toMatchObject({
        exitCode: 130,
        ...expected,
      });
    },
  );
});

describe('row 10: a check that may not be asked again within the hour', () => {
  const at = origin - 20 * minute;
  test.each<[string, StandingAnswer | undefined, number, string]>([
    ['that passed stands as passed', { outcome: 'passed', at, violations: [] }, 0, ''],
    [
      'that failed stands as failed',
      { outcome: 'failed', at, violations: [violation] },
      1,
      'mail: body.orderBook: expected an object, got missing, as it was at 04:00:00 WIB: not asked again for its maxPerHour',
    ],
    ['of which nothing is known is not green', undefined, 3, 'mail: inconclusive, not asked'],
  ])('%s', async (_, held, exitCode, reason) => {
    const result = await play(() => ({ mail: 'held', ...(held && { held }) }));
    expect([result.exitCode, result.reason]).toEqual([exitCode, reason]);
  });

  test('is no round at all where nothing else is asked', async () => {
    const held = { outcome: 'passed', at, violations: [] } as const;
    expect(await play(() => ({ sol: 'silent', mail: 'held', held }))).toMatchObject({ exitCode: 3 });
  });

  test('after its first failure in a stay keeps it', async () => {
    const result = await play((time) => ({ mail: time === 0 ? 'failed' : 'held' }));
    expect(result).toMatchObject({ exitCode: 1, stayed: true });
    expect(checkOf(result, 'mail')).toMatchObject({ outcome: 'failed', answers: 1, failed: 1 });
  });
});

describe('row 9: a check in a round that stays is judged over all of its answers', () => {
  test('two of three failed: failed, whatever the last answer', async () => {
    const result = await play((at) => ({ sol: at % 3 === 2 ? 'passed' : 'failed' }));
    expect(result.exitCode).toBe(1);
    expect(result.reason).toContain('sol: body.orderBook: expected an object, got missing');
    expect(checkOf(result, 'sol')).toMatchObject({ outcome: 'failed' });
  });

  test('every fourth failed, never two in a row: failed', async () => {
    const result = await play((at) => ({ sol: at % 4 === 0 ? 'failed' : 'passed' }));
    expect(result.exitCode).toBe(1);
    expect(checkOf(result, 'sol')).toMatchObject({ outcome: 'failed' });
  });

  test('one early failure with a clean window after it: passed, and said', async () => {
    const result = await play((at) => ({ sol: at === 0 ? 'failed' : 'passed' }));
    expect(result).toMatchObject({ exitCode: 0, reason: '', stayed: true });
    expect(checkOf(result, 'sol')).toMatchObject({ outcome: 'passed', failed: 1, failedAt: origin });
    const { answers = 0, passedSince } = checkOf(result, 'sol') ?? {};
    expect([answers > 60, passedSince]).toEqual([true, answers - 1]);
    expect(result.checks[0]?.outcome).toBe('passed');
  });
});

const wordsOf = (log: readonly SiagaEvent[]) =>
  log.flatMap(({ type, data }) => (type === 'run.phase' ? [data.detail] : []));

describe('a stay', () => {
  test('says what it saw and how long it may take', async () => {
    const { log } = await play((at) => ({ redis: at === 0 ? 0 : 1 }));
    expect(wordsOf(log)).toEqual([
      'redis.up max 0 (n=1), allowed at least 1; until the window decides, 7 min 00 s at most',
    ]);
  });

  test.each<[string, (at: number) => Told]>([
    ['met in its bad half', (at) => ({ states: { fallback: at % 60 < 30 } })],
    [
      'met in its good half, while the round stays for something else',
      (at) => ({ states: { fallback: at % 60 >= 30 }, ...(at === 0 && { freshness: 9_000 }) }),
    ],
  ])('A8: sees a fallback that is on for half of each minute: %s', async (_, tells) => {
    const { exitCode, took, log } = await play(tells);
    const fired = log.flatMap(({ type, data }) =>
      type === 'incident.transition' && data.change.kind === 'declared' ? [data.change.by.signal] : [],
    );
    expect([exitCode, fired]).toEqual([1, ['state:fallback']]);
    expect(took).toBeLessThan(5);
  });

  test('A8: of one pass that meets only its good half it says nothing: a single look cannot see it', async () => {
    expect(await play(() => ({ states: { fallback: false } }))).toMatchObject({ exitCode: 0, stayed: false });
  });

  test('ends as soon as its trigger has fired, and names the incident first', async () => {
    const { exitCode, reason, took } = await play(() => ({ redis: 0 }));
    expect(exitCode).toBe(1);
    expect(reason).toMatch(/^INC-\S+ \(SEV-1\) declared: redis\.up max 0 \(n=\d+\), allowed at least 1$/);
    expect(took).toBeLessThan(3);
  });

  test('row 9, mutant: calm since: only a bucket that lies in the stay decides', async () => {
    // It begins in mid-minute, that bucket is well, and from ten seconds into the next data is stale.
    const { exitCode, reason } = await play((at) => ({ freshness: at === 0 || at > 40 ? 9_000 : 100 }), {
      from: 30,
    });
    expect([exitCode, reason]).toEqual([1, expect.stringContaining('freshness p95 9 s')]);
  });

  test('mutant: calm needing an ok: buckets of which nothing is known decide nothing', async () => {
    const blind = { incident: undefined, newest: nothingKnown } as unknown as Engine;
    const world = await play((at) => ({ sol: at === 0 ? 'failed' : 'passed' }), { engine: () => blind });
    expect(world.took).toBeGreaterThanOrEqual(7);
  });

  test('in which what was out is never known to be well again says nothing', async () => {
    const { exitCode, took } = await play((at) => ({ freshness: at === 0 ? 9_000 : null }));
    expect(took).toBeGreaterThanOrEqual(7);
    expect(exitCode).toBe(3);
  });
});

/** The signal that is out where the trigger needs so many minutes. */
const stale = (buckets: number): JudgeSpec => ({
  ...plain,
  signals: plain.signals.map((each) =>
    each.name === 'freshness' ? { ...each, trigger: { ...each.trigger, buckets } } : each,
  ),
});

describe('hunt 5: a trigger that needs longer than seven minutes', () => {
  test.each([10, 28])('of %i minutes fires in a round, which says how long it may stay', async (minutes) => {
    const world = await play(() => ({ freshness: 9_000 }), { judge: stale(minutes), from: 20 });
    expect(wordsOf(world.log)[0]).toContain(`${minutes + 2} min 00 s at most`);
    expect([world.exitCode, world.reason]).toEqual([1, expect.stringMatching(/declared: freshness p95 9 s/)]);
    expect(world.took).toBeLessThan(minutes + 2);
  });

  test('that begins during the stay is waited for, which is said before', async () => {
    const world = await play((at) => ({ ...(at === 0 && { redis: 0 }), freshness: at > 30 ? 9_000 : 100 }), {
      judge: { ...stale(10), signals: stale(10).signals.filter(({ name }) => name !== 'redis.up') },
      measured: { signals: grown(800) },
    });
    expect(wordsOf(world.log)[0]).toMatch(
      /7 min 00 s at most, 12 min 00 s where a signal with a longer window/,
    );
    expect([world.exitCode, world.reason]).toEqual([1, expect.stringContaining('declared: freshness')]);
  });

  test('and is not decided is told over its window, and named first', async () => {
    // Of every second minute nothing is known.
    const world = await play((at) => ({ freshness: at % 120 < 60 ? 9_000 : null }), { judge: stale(10) });
    const told = 'bad in 5 of 5 known buckets of 1 min 00 s, its trigger needs 10 in a row';
    expect(world.exitCode).toBe(3);
    expect(world.reason).toMatch(/^freshness p95 9 s \(n=\d{3}\), allowed at most 5 s: /);
    expect(world.reason).toContain(told);
    const problem = { type: 'run.problem', data: { code: 'scrape-failed', message: 'timed-out' } } as const;
    const [first, ...rest] = world.log;
    const log = [first, { ...first, ...problem }, ...rest] as SiagaEvent[];
    expect(foldFirstFailure(log, 'inconclusive')).toMatchObject({
      what: 'freshness, not decided',
      got: expect.stringContaining(told),
    });
  });
});

const withCheck: JudgeSpec = {
  ...plain,
  checks: [{ name: 'sol', title: 'sol', severity: 'SEV-2', core: true, everyMs: 1_000 }],
};

describe('an incident opened while hard down is neither declared nor contradicted', () => {
  test.each([1, 2])(
    'of a target that refuses everything is SEV-0 (%i answers in the first pass)',
    async (n) => {
      const { exitCode, log, took, stayed } = await play(() => ({ refused: n }), { judge: withCheck });
      expect([exitCode, stayed]).toEqual([1, true]);
      const severities = log.flatMap(({ type, data }) =>
        type === 'incident.transition' && 'severity' in data.change ? [data.change.severity] : [],
      );
      expect(severities).toContain('SEV-0');
      expect(took).toBeLessThan(0.5);
    },
  );

  test('stays what it is as soon as an answer contradicts', async () => {
    const { reason, took } = await play((at) => (at < 5 ? { refused: 1 } : { sol: 'failed' }), {
      judge: withCheck,
    });
    expect(reason).toMatch(/\(SEV-2\)/);
    expect(took).toBeCloseTo(5 / 60, 1);
  });
});

const nothingKnown = {
  start: origin + 60 * minute,
  signals: new Map([['redis.up', { n: 0, value: null, state: 'unknown' }]]),
};

const owner = { role: 'owner', name: 'Incident Owner' };
const stable = { owner, since: origin - minute, reviewAt: origin + minute };
const mitigated: Phase = { name: 'mitigated', providerGood: 0, fallback: { since: origin } };
const inHand: Phase = { ...mitigated, fallback: { since: origin, stable } };
const overdue: Phase = { ...mitigated, fallback: { since: origin, stable: { ...stable, reviewAt: origin } } };

const incidentIn = (phase: Phase, more: Partial<Incident>): Incident => ({
  id: 'INC-1',
  group: 'service',
  severity: 'SEV-2',
  drill: false,
  signals: ['provider.health'],
  ordinal: 1,
  phase,
  holdBuckets: 10,
  since: origin - 10 * minute,
  ...more,
});

/** An engine with this incident, until so many minutes into the round. */
const openFor =
  (phase: Phase, minutes = Infinity, more: Partial<Incident> = {}) =>
  (now: () => number) =>
    ({
      newest: undefined,
      get incident() {
        return now() < origin + minutes * minute ? incidentIn(phase, more) : undefined;
      },
    }) as unknown as Engine;

const changed = (change: IncidentChange): Draft => ({
  type: 'incident.transition',
  data: { incident: 'INC-1', group: 'service', ordinal: 2, effectiveAt: origin, drill: false, change },
});

describe('a round while an incident is open', () => {
  test.each<[string, Phase, Told, number, string]>([
    ['fails', { name: 'degraded' }, {}, 1, 'INC-1 (SEV-2) is open: provider.health'],
    ['fails while it is only MITIGATED', mitigated, {}, 1, 'INC-1 (SEV-2) is open: provider.health'],
    [
      'ends well where it is MITIGATED-STABLE: nobody is to be called',
      inHand,
      {},
      0,
      'INC-1 is MITIGATED-STABLE, owned by Incident Owner (owner), review by 2025-02-20 04:21 WIB',
    ],
    [
      'also while its fallback and its toggles are in use',
      inHand,
      { states: { fallback: true }, toggles: ['A'] },
      0,
      expect.any(String),
    ],
    [
      'but fails where something new is out',
      inHand,
      { redis: 0 },
      1,
      'redis.up max 0 (n=1), allowed at least 1',
    ],
    [
      'or a check fails',
      inHand,
      { sol: 'failed' },
      1,
      'sol: body.orderBook: expected an object, got missing',
    ],
    ['or its review is due', overdue, {}, 1, 'INC-1 (SEV-2) is open: provider.health'],
    ['also where what is out follows from what fired', inHand, { freshness: 9_000 }, 0, expect.any(String)],
    [
      'while nobody has it in hand a check that fails is told beside it',
      mitigated,
      { sol: 'failed' },
      1,
      'INC-1 (SEV-2) is open: provider.health; sol: body.orderBook: expected an object, got missing',
    ],
  ])('%s', async (_, phase, told, exitCode, reason) => {
    const result = await play(() => told, { stay: false, engine: openFor(phase) });
    expect([result.exitCode, result.reason]).toEqual([exitCode, reason]);
  });

  test('that is MITIGATED-STABLE ends well also where a check of the incident fails', async () => {
    const engine = openFor(inHand, Infinity, { signals: ['check:sol'] });
    const result = await play(() => ({ sol: 'failed' }), { stay: false, engine });
    expect([result.exitCode, checkOf(result, 'sol')?.outcome]).toEqual([0, 'failed']);
  });

  test('has the twelve minutes of a recovery from the restore on', async () => {
    const restored = changed({ kind: 'restored', toggles: {} });
    const engine = openFor({ name: 'degraded' }, 19);
    const also = (at: number) => (at === 8 * 60 ? { also: [restored] } : {});
    expect(await play(also, { engine })).toMatchObject({ exitCode: 0, stayed: true });
  });

  test('counts nothing of a check that failed before the incident recovered', async () => {
    const recovered = changed({
      kind: 'recovered',
      criteria: [],
      symptoms: { windowMs: minute, p95: null, errorRatio: null, n: 0 },
    });
    const tells = (at: number): Told => ({
      sol: at < 100 ? 'failed' : 'passed',
      ...(at === 100 && { also: [recovered] }),
    });
    const result = await play(tells, { engine: openFor({ name: 'degraded' }, 3) });
    expect([result.exitCode, checkOf(result, 'sol')]).toEqual([
      0,
      expect.objectContaining({ outcome: 'passed', failed: 0 }),
    ]);
  });

  test('stays longer where its hold is longer, as after flapping', async () => {
    const engine = openFor({ name: 'degraded' }, 3, { holdBuckets: 20 });
    expect(wordsOf((await play(() => ({}), { engine })).log)[0]).toContain('22 min 00 s at most');
  });

  test('mutant: stay 12 → 7 min: a recovery has twelve minutes', async () => {
    const result = await play(() => ({}), { engine: openFor({ name: 'degraded' }, 11) });
    expect(result).toMatchObject({ exitCode: 0, stayed: true });
    expect((await play(() => ({}), { engine: openFor({ name: 'degraded' }) })).took).toBeCloseTo(12, 0);
  });

  test('mutant: recovery decided: it ends as soon as the incident is over', async () => {
    const { took } = await play(() => ({}), { engine: openFor({ name: 'degraded' }, 3) });
    expect(took).toBeCloseTo(3, 1);
  });

  test('says why it stays', async () => {
    const { log } = await play(() => ({}), { engine: openFor({ name: 'degraded' }, 3) });
    expect(log.find(({ type }) => type === 'run.phase')?.data).toEqual({
      phase: 'keeps sampling',
      part: 'staying',
      detail: 'INC-1 (SEV-2) is open; until its recovery is decided, 12 min 00 s at most',
    });
  });
});
