import { expect, test } from 'vitest';
import type { AnyExperiment } from '../chaos/definition.ts';
import type { ExperimentFinished, LoadFinished } from '../event/catalogue.ts';
import type { Verdict } from '../kernel/outcome.ts';
import { drill, type DrillParts } from './drill.ts';

function ending(verdicts: readonly Verdict[], outcome: LoadFinished['outcome']) {
  const waiting = [...verdicts];
  const load = {
    load: 'steady',
    outcome,
    violations: [],
    reason: 'k6 stood still',
  } as unknown as LoadFinished;
  const running = { stop: () => Promise.resolve() };
  const parts = {
    journal: { append: () => undefined },
    signal: new AbortController().signal,
    startLoad: () =>
      Promise.resolve({ ...running, ready: Promise.resolve(), finished: Promise.resolve(load) }),
    startSampling: () => running,
    runExperiment: ({ name }: AnyExperiment) =>
      Promise.resolve({
        name,
        verdict: waiting.shift(),
        reasons: ['the fallback is gone'],
      } as unknown as ExperimentFinished),
  } as unknown as DrillParts;
  return drill(
    parts,
    verdicts.map((_, index) => ({ name: `e${index}` }) as AnyExperiment),
  );
}

test.each<[string, readonly Verdict[], LoadFinished['outcome'], number, string]>([
  ['that held under its load passes', ['held', 'held'], 'passed', 0, ''],
  [
    'mutant: weakness → exit 3: that broke fails',
    ['held', 'weakness'],
    'passed',
    1,
    'e1: weakness, the fallback is gone',
  ],
  [
    'mutant: load outcome ignored: whose load is in doubt says nothing',
    ['held'],
    'inconclusive',
    3,
    'k6 stood still',
  ],
  ['that was aborted says nothing', ['aborted'], 'passed', 3, 'e0: aborted, the fallback is gone'],
  [
    'that could not be undone is worst',
    ['weakness', 'rollback-failed'],
    'passed',
    4,
    'e0: weakness, the fallback is gone',
  ],
])('a drill %s', async (_, verdicts, outcome, exitCode, reason) => {
  const result = await ending(verdicts, outcome);
  expect([result.exitCode, result.reason]).toEqual([exitCode, reason]);
});
