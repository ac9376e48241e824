import type { ExperimentFinished } from '../event/catalogue.ts';
import type { ExperimentContext } from './context.ts';
import type { AnyExperiment } from './definition.ts';
import { ExperimentRun } from './experiment-run.ts';
import { assertMayBreak, assertMayStop } from './permission.ts';
import { brokenProcesses } from './plan.ts';
import { assertRunnable } from './validate.ts';

export type { ExperimentContext } from './context.ts';

/**
 * Runs one experiment: lease → prepare → steady state → method → rollback → recovery → verdict, each phase an event.
 * The rollback happens whatever happens. Only what cannot be begun rejects, and then nothing was touched.
 * @throws {SiagaError} `invalid-definitions`, `chaos-forbidden` (exit 2).
 */
export async function runExperiment(
  experiment: AnyExperiment,
  context: ExperimentContext,
): Promise<ExperimentFinished> {
  assertRunnable(experiment, context);
  assertMayBreak(context.target, context.faults.url || context.target.url);
  assertMayStop(context.target, brokenProcesses(experiment));
  return new ExperimentRun(experiment, context).complete();
}
