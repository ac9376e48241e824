import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { experimentText } from '../support/rig/experiments.ts';
import { changeJson } from '../support/rig/interceptor.ts';
import type { Answer, Rule } from '../support/rig/interceptor.ts';
import { setUpRig } from '../support/rig/rig.ts';
import type { Rig } from '../support/rig/rig.ts';
import { checksIn, envelopeOf, experimentIn } from '../support/rig/siaga.ts';

let rig: Rig;
beforeAll(async () => void (rig = await setUpRig()));
afterAll(() => rig[Symbol.asyncDispose]());

const html: Answer = {
  status: 200,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: Buffer.from('<!doctype html><title>Welcome</title>'),
};

const without = (answer: Answer, pattern: RegExp): Answer => ({
  ...answer,
  headers: Object.fromEntries(Object.entries(answer.headers).filter(([name]) => !pattern.test(name))),
});

const isEcho = (text: string): boolean => text.includes('"echo"');

interface Violation {
  readonly path: string;
  readonly rule: string;
  readonly got: unknown;
  readonly allowed: string;
}

describe('siaga check fails exactly the check that is about', () => {
  const rows: readonly (readonly [what: string, rule: Rule, failed: Record<string, Violation[]>])[] = [
    ['nothing: the unsabotaged twin', {}, {}],
    [
      'RateLimit headers that are stripped',
      { answer: (answer) => without(answer, /^ratelimit/) },
      {
        'pairs-supported': [
          {
            path: 'headers.ratelimit',
            rule: 'the header is present',
            got: 'none of them',
            allowed:
              'ratelimit + ratelimit-policy, or ratelimit-limit + ratelimit-remaining + ratelimit-reset',
          },
        ],
      },
    ],
    [
      'a screener that answers HTML with 200',
      { instead: ({ path }) => (path === '/api/screener/screen' ? html : undefined) },
      {
        screener: [
          {
            path: 'content-type',
            rule: 'the content type is as expected',
            got: 'text/html; charset=utf-8',
            allowed: 'application/json',
          },
          {
            path: 'body',
            rule: 'the body is JSON, not HTML',
            got: 'HTML',
            allowed: 'JSON',
          },
        ],
      },
    ],
    [
      'an orderBook that is missing',
      changeJson('/api/sol/complete', ({ orderBook: _, ...body }) => body),
      {
        'sol-complete': [
          {
            path: 'body.orderBook',
            rule: 'the body follows its schema',
            got: 'missing',
            allowed: 'Invalid input: expected object, received undefined',
          },
        ],
      },
    ],
    [
      'an asOf six seconds old',
      changeJson('/api/sol/complete', (body) => ({ ...body, asOf: Number(body['serverTime']) - 6_000 })),
      {
        freshness: [
          {
            path: 'body.asOf',
            rule: 'data is at most 5s old',
            got: '6000 ms old',
            allowed: 'data is at most 5s old',
          },
        ],
      },
    ],
    [
      'an echo 400 ms late',
      { holdMessageMs: (text) => (isEcho(text) ? 400 : 0) },
      {
        stream: [
          {
            path: 'durationMs',
            rule: 'the answer comes in time',
            got: expect.stringMatching(/^[4-9]\d\d ms$/),
            allowed: 'at most 350 ms',
          },
        ],
      },
    ],
  ];
  it.each(rows)('%s', async (_, rule, failed) => {
    using _lie = rig.interceptor.use(rule);
    const envelope = await rig.run(['check', '--no-stay']);
    const found = checksIn(envelope).filter(({ outcome }) => outcome !== 'passed');
    expect(Object.fromEntries(found.map(({ name, violations }) => [name, violations]))).toEqual(failed);
    const codes = Object.keys(failed).length > 0 ? [1, 'failed'] : [0, 'passed'];
    expect([envelope.exitCode, envelope.verdict]).toEqual(codes);
    await rig.expectClean();
  });
});

interface Broken {
  readonly id: string;
  readonly path: string;
  readonly got: unknown;
  readonly allowed: string;
}

interface Sabotage {
  readonly what: string;
  readonly experiment: string;
  commit(): Promise<AsyncDisposable> | AsyncDisposable;
  readonly ending: readonly [exitCode: number, verdict: string];
  readonly broken: readonly Broken[];
}

const nothing: AsyncDisposable = { [Symbol.asyncDispose]: () => Promise.resolve() };

const both = (one: AsyncDisposable, other: Disposable): AsyncDisposable => ({
  async [Symbol.asyncDispose]() {
    other[Symbol.dispose]();
    await one[Symbol.asyncDispose]();
  },
});

const lie = (rule: Rule): AsyncDisposable => both(nothing, rig.interceptor.use(rule));

/** Nobody waits the whole of the runbook's forty minutes for what never comes. */
const impatient = (): Disposable => rig.checkout.patch('runbook.ts', "deadline: '40m'", "deadline: '20m'");

const answersOkx = 'passed, degraded true, source "okx"';
const fallsBackFirst = { path: 'body.status', got: expect.stringContaining('body.fallback.active is false') };

/** A toggle that, once set to another value, never lets go of it. */
const sticky = (mark: string): string => `
  const fs = process.getBuiltinModule('node:fs');
  if (environment['SCREENER_MAX_CONCURRENCY'] === '2') fs.writeFileSync(${JSON.stringify(mark)}, '');
  const stuck = fs.existsSync(${JSON.stringify(mark)}) ? { SCREENER_MAX_CONCURRENCY: '2' } : {};
  const toggles = togglesFrom({ ...environment, ...stuck });`;

// What the shipped experiments do with toggles, without the incident around it.
const toggled = experimentText({
  name: 'toggled',
  hypothesis: 'What an experiment sets is put back',
  prepare: { SCREENER_MAX_CONCURRENCY: '2' },
  proxy: 'okx',
  fault: "latency('200ms')",
  for: '5s',
});
beforeAll(() => rig.checkout.write('chaos/toggled.ts', toggled));

const sabotages: readonly Sabotage[] = [
  {
    what: 'nothing: the unsabotaged twin',
    experiment: 'provider-down',
    commit: () => nothing,
    ending: [0, 'held'],
    broken: [],
  },
  {
    what: 'a fallback that is gone',
    experiment: 'provider-down',
    commit: () =>
      rig.patched(
        'reference/api/market/standing.ts',
        "return toggles.fallbackEnabled ? ['coinapi', ...fallback] : ['coinapi'];",
        "return ['coinapi'];",
      ),
    ending: [1, 'weakness'],
    broken: [
      { id: 'during.2', path: 'status', got: 'status: 503', allowed: answersOkx },
      { id: 'during.3', path: 'status', got: 'status: 503', allowed: answersOkx },
      { id: 'during.5', ...fallsBackFirst, allowed: 'passed, fallback true' },
      { id: 'during.6', ...fallsBackFirst, allowed: 'passed' },
      {
        id: 'during.8',
        path: 'rest.errors',
        got: expect.stringMatching(/^rate \d+(\.\d+)?% \(n=\d+\)$/),
        allowed: 'rate <= 2%',
      },
    ],
  },
  {
    what: 'degraded that is never set',
    experiment: 'provider-down',
    commit: () =>
      rig.patched(
        'reference/api/market/standing.ts',
        "return toggles.degradedMode || source !== 'coinapi';",
        'return toggles.degradedMode && source.length === 0;',
      ),
    ending: [1, 'weakness'],
    broken: [
      ...['during.2', 'during.3'].map((id) => ({
        id,
        path: 'body.degraded',
        got: 'body.degraded: false, body.source is "okx"',
        allowed: answersOkx,
      })),
      // Nobody is mitigated while a core check fails.
      { id: 'during.11', path: 'incident', got: expect.stringContaining('declared'), allowed: 'mitigated' },
    ],
  },
  {
    what: "OKX's label on CoinAPI's numbers",
    experiment: 'provider-down',
    commit: () =>
      lie(
        changeJson('/api/sol/complete', (body) =>
          body['source'] === 'okx' ? { ...body, price: Number(body['price']) / 1.008 } : body,
        ),
      ),
    ending: [1, 'weakness'],
    broken: [
      {
        id: 'during.4',
        path: 'states.price',
        got: expect.stringMatching(/ 0\.[6-9]\d*% off okx-direct's /),
        allowed: "within 0.4% of okx-direct's okx-price of the same 2s",
      },
    ],
  },
  {
    what: 'a breaker that never closes',
    experiment: 'provider-down',
    commit: async () =>
      both(
        await rig.patched(
          'reference/api/market/breaker.ts',
          'halfOpenAfter: halfOpenAfterMs }',
          'halfOpenAfter: halfOpenAfterMs * 1_000 }',
        ),
        impatient(),
      ),
    ending: [1, 'weakness'],
    broken: [
      { id: 'after.1', path: 'breaker.coinapi', got: 'open', allowed: 'half-open → closed' },
      // What follows from it: users stay on the fallback, and on the fallback nothing is recovered.
      {
        id: 'after.2',
        path: 'states.degraded',
        got: 'degraded true',
        allowed: 'passed, degraded false, source "coinapi"',
      },
      { id: 'after.3', path: 'incident', got: 'restore-proposed', allowed: 'recovered' },
    ],
  },
  {
    what: 'nothing: the unsabotaged twin',
    experiment: 'toggled',
    commit: () => nothing,
    ending: [0, 'held'],
    broken: [],
  },
  {
    what: 'a toggle left changed after the restore',
    experiment: 'toggled',
    commit: async () =>
      both(
        await rig.patched(
          'reference/api/config.ts',
          '  const toggles = togglesFrom(environment);',
          sticky(join(rig.checkout.dir, 'stuck')),
        ),
        impatient(),
      ),
    ending: [4, 'rollback-failed'],
    broken: [
      {
        id: 'after.toggles',
        path: 'toggles.SCREENER_MAX_CONCURRENCY',
        got: 'SCREENER_MAX_CONCURRENCY is 2, not 4',
        allowed: 'as before',
      },
    ],
  },
];

describe('siaga chaos run fails exactly the expectation that is about (R30)', () => {
  beforeEach(() => rig.forget());

  it.each(sabotages)('$what ($experiment)', async ({ experiment, commit, ending, broken }) => {
    await using _sabotage = await commit();
    const envelope = await rig.run(['chaos', 'run', experiment]);
    await rig.expectClean();
    const { expectations, verdict, reasons } = experimentIn(envelope);
    const found = expectations.filter(({ outcome }) => outcome === 'broken');
    const told = found.map(({ id, path, got, allowed }) => ({ id, path, got, allowed }));
    expect(told, reasons.join('; ')).toEqual(broken);
    expect([envelope.exitCode, verdict]).toEqual(ending);
    for (const { got } of found) expect(reasons.join('\n')).toContain(got);
  });
});

describe('500 ms in the ninth bucket of the hold', () => {
  beforeEach(() => rig.forget());

  it('start the count over, are named with their value, and recovery comes ten buckets later', async () => {
    const run = rig.start(['chaos', 'run', 'provider-down']);
    const sixth = await run.until(
      'incident.bucket',
      ({ data: { hold, count } }) => hold === 'recovery' && count === 6,
    );
    const { bucketMs } = (await run.until('run.started')).data.judge;
    const ninth = sixth.data.from + 3 * bucketMs;
    // A late answer counts where it ends: all of them end inside the ninth bucket, also where a machine is slow.
    const late = () => Date.now() >= ninth - 400 && Date.now() < ninth + bucketMs - 1_000;
    using _lie = rig.interceptor.use({
      holdMs: ({ path }) => (late() && path.startsWith('/api/') ? 500 : 0),
    });
    const ended = await run.ended;
    await rig.expectClean();

    const buckets = run.events().flatMap(({ type, data }) => (type === 'incident.bucket' ? [data] : []));
    const hold = buckets.filter(({ hold: kind }) => kind === 'recovery');
    expect(hold.map(({ count }) => count)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ]);
    expect(hold[8]).toMatchObject({ from: ninth, band: 'limbo' });
    expect(hold[8]?.readings.filter(({ band }) => band !== 'good')).toEqual([
      { signal: 'rest.latency', band: 'limbo', n: expect.any(Number), value: expect.any(Number) },
    ]);
    const value = Number(hold[8]?.readings.find(({ band }) => band === 'limbo')?.value);
    expect(value).toBeGreaterThanOrEqual(500);
    const changes = run
      .events()
      .flatMap(({ type, data }) => (type === 'incident.transition' ? [data.change] : []));
    expect(changes).toContainEqual({
      kind: 'hold-reset',
      because: `hysteresis: rest.latency ${value}`,
      lostBuckets: 8,
    });
    const envelope = envelopeOf(ended);
    expect([envelope.exitCode, experimentIn(envelope).verdict]).toEqual([0, 'held']);
  });
});
