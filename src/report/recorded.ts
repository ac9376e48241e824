import type { RunFinished } from '../event/catalogue.ts';
import type { SiagaEvent } from '../event/envelope.ts';
import { foldExperiments, type ExperimentFacts } from '../projection/experiments.ts';
import { ofType } from '../projection/pick.ts';
import { verdictOfExit } from '../projection/run.ts';

/** Where a verdict that a run wrote contradicts what it wrote before of the parts that decide it, in words. */
export function recordedFaults(events: readonly SiagaEvent[]): readonly string[] {
  const experiments = foldExperiments(events);
  return [
    ...experiments.flatMap(experimentFaults),
    ...ofType(events, 'run.finished').flatMap(({ data, seq }) =>
      runFaults(
        data,
        experiments.filter(({ finished }) => finished !== undefined && finished.seq < seq),
      ),
    ),
  ];
}

/** An experiment that held has broken no expectation, and no fault of it is stuck. */
function experimentFaults({ name, finished, settled, faults }: ExperimentFacts): readonly string[] {
  if (finished?.verdict !== 'held') return [];
  const before = ({ seq }: { readonly seq: number }): boolean => seq < finished.seq;
  const unmet = [...settled.values()].filter((each) => before(each) && each.outcome !== 'met');
  const stuck = faults.filter((fault) => fault.stuck && before(fault.stuck));
  return [
    ...unmet.map(({ expectation, outcome }) => `written ${name} held, but ${expectation} is ${outcome}`),
    ...stuck.map(({ proxy }) => `written ${name} held, but the fault on ${proxy} is stuck`),
  ];
}

/** A run has the verdict of its exit code, and passes only when none of its experiments failed. */
function runFaults(
  { verdict, exitCode }: RunFinished,
  experiments: readonly ExperimentFacts[],
): readonly string[] {
  const due = verdictOfExit(exitCode) ?? 'inconclusive';
  const isTrue = verdict === due || (due === 'error' && verdict === 'inconclusive');
  const failed = experiments.flatMap(({ name, finished }) =>
    finished?.verdict === 'weakness' || finished?.verdict === 'rollback-failed'
      ? [`written verdict passed, but ${name} is ${finished.verdict}`]
      : [],
  );
  return [
    ...(isTrue ? [] : [`written verdict ${verdict}, but exit code ${exitCode} is ${due}`]),
    ...(verdict === 'passed' ? failed : []),
  ];
}
