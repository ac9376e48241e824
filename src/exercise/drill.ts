import type { ExperimentFinished, LoadFinished, RunVerdict } from '../event/catalogue.ts';
import type { Journal } from '../event/envelope.ts';
import type { AnyExperiment } from '../chaos/definition.ts';
import { exit, worstExit, type ExitCode } from '../kernel/exit.ts';
import type { Verdict } from '../kernel/outcome.ts';
import type { Ending } from './ending.ts';

/** A load that runs until it is stopped. */
export interface DrillLoad {
  readonly ready: Promise<void>;
  readonly finished: Promise<LoadFinished>;
  stop(): Promise<void>;
}

/** Something that measures until it is stopped. */
export interface Running {
  stop(): Promise<void>;
}

/** What a drill is made of; each part is started by it and stopped by it, in order. */
export interface DrillParts {
  readonly journal: Journal;
  readonly signal: AbortSignal;
  startLoad(): Promise<DrillLoad>;
  startSampling(): Running;
  runExperiment(experiment: AnyExperiment): Promise<ExperimentFinished>;
}

/** How a drill ended. */
export interface DrillResult extends Ending {
  readonly experiments: readonly ExperimentFinished[];
  readonly load: LoadFinished;
}

/**
 * Runs experiments one after another under one unbroken load, with everything measured from before the first until
 * after the last.
 */
export async function drill(parts: DrillParts, experiments: readonly AnyExperiment[]): Promise<DrillResult> {
  const load = await parts.startLoad();
  // Nobody waits for its end where the drill itself fails.
  load.finished.catch(() => undefined);
  const finished = await underLoad(load, parts, experiments);
  return conclude(finished, await load.finished);
}

async function underLoad(
  load: DrillLoad,
  parts: DrillParts,
  experiments: readonly AnyExperiment[],
): Promise<readonly ExperimentFinished[]> {
  try {
    await load.ready;
    return await sampled(parts, experiments);
  } finally {
    await load.stop();
  }
}

async function sampled(
  parts: DrillParts,
  experiments: readonly AnyExperiment[],
): Promise<readonly ExperimentFinished[]> {
  const sampling = parts.startSampling();
  try {
    return await oneByOne(parts, experiments);
  } finally {
    await sampling.stop();
  }
}

// A rollback that failed leaves a system nobody should break further.
async function oneByOne(
  parts: DrillParts,
  experiments: readonly AnyExperiment[],
): Promise<readonly ExperimentFinished[]> {
  const finished: ExperimentFinished[] = [];
  for (const experiment of experiments) {
    if (parts.signal.aborted) break;
    parts.journal.append({
      type: 'run.phase',
      data: { phase: experiment.name, part: 'experiment', detail: experiment.hypothesis, drill: true },
    });
    const result = await parts.runExperiment(experiment);
    finished.push(result);
    if (result.verdict === 'rollback-failed') break;
  }
  return finished;
}

const exitOf: Readonly<Record<Verdict, ExitCode>> = {
  held: exit.passed,
  weakness: exit.failed,
  inconclusive: exit.inconclusive,
  aborted: exit.inconclusive,
  'rollback-failed': exit.rollbackFailed,
};

function conclude(experiments: readonly ExperimentFinished[], load: LoadFinished): DrillResult {
  const codes = experiments.map(({ verdict }) => exitOf[verdict]);
  const loadCode = load.outcome === 'passed' ? exit.passed : exit.inconclusive;
  return {
    experiments,
    load,
    exitCode: worstExit([...codes, loadCode]),
    reason: firstReason(experiments, load),
  };
}

function firstReason(experiments: readonly ExperimentFinished[], load: LoadFinished): string {
  const failed = experiments.find(({ verdict }) => verdict !== 'held');
  if (failed !== undefined)
    return `${failed.name}: ${failed.verdict}${failed.reasons[0] ? `, ${failed.reasons[0]}` : ''}`;
  if (load.outcome === 'passed') return '';
  const [violation] = load.violations;
  return violation
    ? `load ${load.load}: ${violation.rule}, got ${violation.got}`
    : (load.reason ?? 'the load did not run as planned');
}

/** The verdict of a run that ended with this code. */
export function verdictOf(code: ExitCode): RunVerdict {
  switch (code) {
    case exit.passed:
      return 'passed';
    case exit.failed:
      return 'failed';
    case exit.rollbackFailed:
      return 'rollback-failed';
    case exit.interrupted:
      return 'interrupted';
    case exit.usage:
    case exit.bug:
      return 'error';
    default:
      return 'inconclusive';
  }
}
