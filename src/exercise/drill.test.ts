import { describe, expect, test } from 'vitest';
import type { AnyExperiment } from '../chaos/definition.ts';
import type { Draft } from '../event/envelope.ts';
import type { ExperimentFinished, LoadFinished } from '../event/catalogue.ts';
import { exit } from '../kernel/exit.ts';
import type { Verdict } from '../kernel/outcome.ts';
import { drill, verdictOf, type DrillParts } from './drill.ts';

interface Play {
  readonly load?: Partial<LoadFinished>;
  /** Default: one. */
  readonly reasons?: readonly string[];
  /** What happens instead of an experiment's own end, by its name. */
  readonly instead?: (name: string, abort: () => void) => void;
  readonly notReady?: true;
}

/** Plays experiments that end like this, and tells what was begun and stopped, in order. */
function play(verdicts: readonly Verdict[], options: Play = {}) {
  const { reasons = ['the fallback is gone'], load = {}, instead, notReady } = options;
  const order: string[] = [];
  const aborter = new AbortController();
  const finished = { load: 'steady', outcome: 'passed', violations: [], ...load } as unknown as LoadFinished;
  const running = (name: string) => {
    order.push(name);
    return { stop: () => Promise.resolve(void order.push(`${name} stopped`)) };
  };
  const parts = {
    journal: {
      append: ({ type, data }: Draft) =>
        type === 'run.phase' && order.push(`${data.drill ? 'drill ' : ''}${data.phase}`),
    },
    signal: aborter.signal,
    startLoad: () =>
      Promise.resolve({
        ...running('load'),
        ready: notReady ? Promise.reject(new Error('no answer')) : Promise.resolve(),
        finished: notReady ? Promise.reject(new Error('k6 ended')) : Promise.resolve(finished),
      }),
    startSampling: () => running('sampling'),
    runExperiment: async ({ name }: AnyExperiment) => {
      await new Promise((resolve) => setImmediate(resolve));
      instead?.(name, () => aborter.abort());
      return { name, verdict: verdicts[Number(name.slice(1))], reasons } as unknown as ExperimentFinished;
    },
  } as unknown as DrillParts;
  const experiments = verdicts.map((_, index) => ({ name: `e${index}` }) as AnyExperiment);
  return { order, result: drill(parts, experiments) };
}

test.each<[string, readonly Verdict[], Play, number, string]>([
  ['that held under its load passes', ['held', 'held'], {}, 0, ''],
  [
    'mutant: weakness → exit 3: that broke fails',
    ['held', 'weakness'],
    {},
    1,
    'e1: weakness, the fallback is gone',
  ],
  ['that broke for no reason that could be told says so', ['weakness'], { reasons: [] }, 1, 'e0: weakness'],
  [
    'mutant: load outcome ignored: whose load is in doubt says nothing',
    ['held'],
    { load: { outcome: 'inconclusive', reason: 'k6 stood still' } },
    3,
    'k6 stood still',
  ],
  [
    'whose load broke a rule of its own says nothing of the system, and names the rule',
    ['held'],
    {
      load: {
        outcome: 'failed',
        violations: [{ path: 'p', rule: 'dropped-iterations', got: '3', allowed: 'none' }],
      },
    },
    3,
    'load steady: dropped-iterations, got 3',
  ],
  [
    'whose load does not tell why it ended badly says nothing either',
    ['held'],
    { load: { outcome: 'inconclusive' } },
    3,
    'the load did not run as planned',
  ],
  ['that was aborted says nothing', ['aborted'], {}, 3, 'e0: aborted, the fallback is gone'],
  ['that could not decide says nothing', ['inconclusive'], {}, 3, 'e0: inconclusive, the fallback is gone'],
  [
    'that could not be undone is worst',
    ['weakness', 'rollback-failed'],
    {},
    4,
    'e0: weakness, the fallback is gone',
  ],
])('a drill %s', async (_, verdicts, options, exitCode, reason) => {
  const result = await play(verdicts, options).result;
  expect([result.exitCode, result.reason]).toEqual([exitCode, reason]);
});

const throws = () => {
  throw new Error('x is undefined');
};

describe('a drill measures under load from before its first experiment until after its last', () => {
  const begun = ['load', 'sampling'];
  const stopped = ['sampling stopped', 'load stopped'];

  test('and tells which experiment it is at', async () => {
    const { order, result } = play(['held', 'weakness']);
    expect((await result).experiments.map(({ name }) => name)).toEqual(['e0', 'e1']);
    expect(order).toEqual([...begun, 'drill e0', 'drill e1', ...stopped]);
  });

  test('breaks nothing more where a fault could not be undone', async () => {
    const { order, result } = play(['rollback-failed', 'held']);
    expect((await result).experiments).toHaveLength(1);
    expect(order).toEqual([...begun, 'drill e0', ...stopped]);
  });

  test('breaks nothing more once it is interrupted', async () => {
    const { order, result } = play(['held', 'held'], { instead: (_, abort) => abort() });
    await result;
    expect(order).toEqual([...begun, 'drill e0', ...stopped]);
  });

  test('leaves neither running where an experiment throws', async () => {
    const { order, result } = play(['held'], { instead: throws });
    await expect(result).rejects.toThrow('x is undefined');
    expect(order).toEqual([...begun, 'drill e0', ...stopped]);
  });

  test('breaks nothing where the load gets no answer', async () => {
    const { order, result } = play(['held'], { notReady: true });
    await expect(result).rejects.toThrow('no answer');
    expect(order).toEqual(['load', 'load stopped']);
  });
});

test.each([
  [exit.passed, 'passed'],
  [exit.failed, 'failed'],
  [exit.usage, 'error'],
  [exit.inconclusive, 'inconclusive'],
  [exit.rollbackFailed, 'rollback-failed'],
  [exit.bug, 'error'],
  [exit.interrupted, 'interrupted'],
] as const)('a run that ends with %i is told as %s', (code, verdict) => {
  expect(verdictOf(code)).toBe(verdict);
});
