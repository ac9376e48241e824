import { describe, expect, it } from 'vitest';
import type { RolesSpec } from '../event/specs.ts';
import type { AnyCheck } from '../check/definition.ts';
import type { CheckFinished } from '../event/catalogue.ts';
import type { ExperimentContext } from './context.ts';
import type { AnyExperiment } from './definition.ts';
import type { CallTotals } from './ports.ts';
import { reachSteadyState } from './steady.ts';

const check = (name: string): AnyCheck => ({ name }) as AnyCheck;

const experiment = {
  name: 'source-down',
  steadyState: [check('price'), check('health')],
  steadyStates: { fallback: false },
  faults: [{ proxy: 'source' }],
} as unknown as AnyExperiment;

const finished = (name: string, over: Partial<CheckFinished> = {}): CheckFinished =>
  ({ check: name, outcome: 'passed', violations: [], states: { fallback: false }, ...over }) as CheckFinished;

interface World {
  readonly results?: readonly CheckFinished[];
  /** Whether an incident is open, by how often it was asked. */
  readonly open?: (asked: number) => boolean;
  readonly roles?: RolesSpec;
  readonly totals?: (read: number) => Partial<CallTotals>;
}

/** A world whose clock moves as it is slept, with the calls of the system counted as `totals` says. */
async function reach({
  results,
  open = () => false,
  roles,
  totals = (read) => ({ count: 10 * read }),
}: World = {}) {
  let now = 0;
  let asked = 0;
  let read = 0;
  const settled: string[] = [];
  const context = {
    clock: { now: () => now, monotonic: () => now, sleep: async (ms: number) => void (now += ms) },
    journal: {
      events: () => [],
      append: ({ data }: { data: { outcome: string } }) => void settled.push(data.outcome),
    },
    judge: { bucketMs: 2_000, latenessMs: 500, roles },
    target: { name: 'shop', proxies: { source: { calls: {} } } },
    runChecks: async () => results ?? [finished('price'), finished('health')],
    calls: {
      read: async () => ({ count: 0, errors: 0, timed: 0, totalMs: 0, at: now, ...totals(++read) }),
    },
    steadyWithinMs: 3_000,
  } as unknown as ExperimentContext;
  const baseline = await reachSteadyState(
    experiment,
    context,
    () => open(++asked),
    new AbortController().signal,
  );
  return { baseline, settled };
}

const flowing = (read: number) => (read === 1 ? { count: 0, unseen: ['calls_total{}'] } : { count: 10 });

describe('the steady state', () => {
  it('is reached where every check passes undegraded, the states hold and the calls are counted', async () => {
    const { baseline, settled } = await reach();
    expect(baseline.get('source')).toMatchObject({ count: 10 });
    expect(settled).toEqual(['met', 'met']);
  });

  it.each<[string, World, string, string]>([
    [
      'a check fails',
      {
        results: [
          finished('price', {
            outcome: 'failed',
            violations: [{ path: 'status', rule: 'r', got: '503', allowed: '200' }],
          }),
          finished('health'),
        ],
      },
      'steady-state',
      'price: status got 503, allowed 200',
    ],
    [
      'mutant: a check answers degraded',
      { results: [finished('price', { states: { fallback: false, degraded: true } }), finished('health')] },
      'steady-state',
      'price: answers degraded',
    ],
    [
      'a check answers degraded, by the state that the runbook declares',
      {
        results: [finished('price', { states: { fallback: false, mode: 'stale' } }), finished('health')],
        roles: { degraded: { state: 'mode', is: 'stale' } },
      },
      'steady-state',
      'price: answers degraded',
    ],
    [
      'mutant: the first check tells the state right, and the second wrong',
      { results: [finished('price'), finished('health', { states: { fallback: true } })] },
      'steady-state',
      'fallback is true, not false',
    ],
    [
      'mutant: the first check tells the state wrong, and the second right',
      { results: [finished('price', { states: { fallback: true } }), finished('health')] },
      'steady-state',
      'fallback is true, not false',
    ],
    [
      'nobody tells the state',
      { results: [finished('price', { states: {} }), finished('health', { states: {} })] },
      'steady-state',
      'no check reports fallback',
    ],
    ['a check was not run', { results: [finished('price')] }, 'steady-state', 'health: was not run'],
    ['mutant: an incident is open', { open: () => true }, 'steady-state', 'an incident is still open'],
    [
      'mutant: an incident is declared while calls are counted',
      { open: (asked) => asked > 2 },
      'steady-state',
      'an incident was declared before the fault',
    ],
    ['the system makes no calls', { totals: () => ({ count: 0 }) }, 'unproven', 'makes no calls to source'],
    [
      'row 36: no series carries the label by which calls are counted',
      { totals: () => ({ count: 0, unseen: ['calls_total{dependency="source"}'] }) },
      'could-not-run',
      'no series of the system\'s metrics matches calls_total{dependency="source"}',
    ],
    [
      'row 36: no series carries the label by which calls are timed',
      { totals: (read) => ({ count: 10 * read, unseen: ['call_seconds_count{dependency="source"}'] }) },
      'could-not-run',
      'call_seconds_count',
    ],
  ])('is not reached: %s', async (_, world, kind, why) => {
    await expect(reach(world)).rejects.toMatchObject({ kind, message: expect.stringContaining(why) });
  });

  it('once traffic flowed the series are there: no calls so far is no missing series', async () => {
    expect((await reach({ totals: flowing })).baseline.get('source')).toMatchObject({ count: 10 });
  });
});
