import { inFile, invalidDefinitions, type Fault } from '../kernel/diagnostic.ts';
import { suggest, nearest } from '../kernel/nearest.ts';
import { formatMs } from '../kernel/duration.ts';
import type { JudgeSpec } from '../event/specs.ts';
import type { ExperimentContext } from './context.ts';
import { type AnyExperiment, type FaultPlan, hardDown } from './definition.ts';
import type { ChaosTarget } from './permission.ts';
import { changesToggles, lengthOf } from './plan.ts';

const longestMs = 30 * 60_000;
const shortestMs = 1_000;

/** What is wrong with an experiment as it would run: names nobody knows, lengths out of bounds. */
export function experimentFaults(
  experiment: AnyExperiment,
  judge: JudgeSpec,
  target: Pick<ChaosTarget, 'proxies' | 'processes'>,
): readonly Fault[] {
  const signals = judge.signals.map(({ name }) => name);
  const toggles = Object.keys(judge.normalToggles);
  return [
    ...experiment.faults.flatMap((plan, index) => placeFault(plan, target, `faults[${index}]`)),
    ...experiment.faults.flatMap((plan, index) => lengthFault(lengthOf(plan, judge), `faults[${index}].for`)),
    ...experiment.faults.flatMap((plan, index) =>
      toxicityFault('proxy' in plan ? (plan.toxicity ?? 1) : 1, `faults[${index}].toxicity`),
    ),
    ...experiment.expects.flatMap((name, index) =>
      unknown('signal', name, [...signals, hardDown], `expects[${index}]`),
    ),
    ...(experiment.containWhen === undefined
      ? []
      : unknown('signal', experiment.containWhen, signals, 'containWhen')),
    ...['prepare' as const, 'containment' as const].flatMap((part) =>
      Object.keys(experiment[part] ?? {}).flatMap((name) =>
        unknown('toggle', name, toggles, `${part}.${name}`),
      ),
    ),
    ...(experiment.steadyState.length > 0
      ? []
      : [error('steadyState', 'this must not be empty', '[]', 'one check or more')]),
  ];
}

/** @throws {SiagaError} `invalid-definitions` (exit 2). */
export function assertRunnable(experiment: AnyExperiment, context: ExperimentContext): void {
  const faults = [...experimentFaults(experiment, context.judge, context.target)];
  if (changesToggles(experiment) && !context.toggles) {
    faults.push(
      error(
        'prepare',
        `the target ${context.target.name} has no way to set toggles`,
        'no toggles.apply',
        'a target with toggles',
      ),
    );
  }
  const problem = invalidDefinitions(inFile(`experiment ${experiment.name}`, faults));
  if (problem) throw problem;
}

function placeFault(
  plan: FaultPlan,
  { proxies, processes = {} }: Pick<ChaosTarget, 'proxies' | 'processes'>,
  path: string,
): readonly Fault[] {
  if ('proxy' in plan) return unknown('proxy', plan.proxy, Object.keys(proxies), `${path}.proxy`);
  return 'process' in plan ? unknown('process', plan.process, Object.keys(processes), `${path}.process`) : [];
}

function unknown(what: string, name: string, known: readonly string[], path: string): readonly Fault[] {
  if (known.includes(name)) return [];
  return [
    { ...error(path, `there is no ${what} of this name`, name), ...suggest(nearest(name, known), known) },
  ];
}

function lengthFault(ms: number, path: string): readonly Fault[] {
  if (ms >= shortestMs && ms <= longestMs) return [];
  return [
    error(
      path,
      'a fault cannot last this long',
      formatMs(ms),
      `${formatMs(shortestMs)} to ${formatMs(longestMs)}`,
    ),
  ];
}

function toxicityFault(toxicity: number, path: string): readonly Fault[] {
  return toxicity > 0 && toxicity <= 1
    ? []
    : [error(path, 'this is not a share of connections', String(toxicity), 'above 0, at most 1')];
}

function error(path: string, message: string, got: string, allowed?: string): Fault {
  return { level: 'error', path, message, got, ...(allowed !== undefined && { allowed }) };
}
