import type { ExpectationFacts } from '../event/catalogue.ts';
import type { JudgeSpec } from '../event/specs.ts';
import { toMs } from '../kernel/to-ms.ts';
import type { AnyExperiment, Expectation, FaultPlan } from './definition.ts';
import type { ChaosTarget } from './permission.ts';
import type { AnyInjection } from './ports.ts';

/** Real milliseconds a fault stays: time on the runbook's clock is divided by the speed, real time is not. */
export function lengthOf(plan: FaultPlan, judge: Pick<JudgeSpec, 'speed'>): number {
  return typeof plan.for === 'string' ? toMs(plan.for) : toMs(plan.for.runbook) / judge.speed;
}

// A runner that is still alive at the end of its fault has this long to take it out.
const graceMs = 60_000;

/** The faults of an experiment as they go in. `taken` faults went in earlier in the same run. */
export function injectionsOf(
  experiment: AnyExperiment,
  judge: Pick<JudgeSpec, 'speed'>,
  run: string,
  now: number,
  taken: number,
): readonly { readonly injection: AnyInjection; readonly plan: FaultPlan; readonly forMs: number }[] {
  return experiment.faults.map((plan, index) => {
    const forMs = lengthOf(plan, judge);
    const owner = { run, n: taken + index + 1, expiresAt: Math.ceil(now + forMs + graceMs) };
    if ('process' in plan)
      return { plan, forMs, injection: { owner, process: plan.process, fault: plan.fault } };
    if (!('proxy' in plan)) return { plan, forMs, injection: { owner, fault: plan.fault } };
    const { proxy, fault, stream = 'downstream', toxicity = 1 } = plan;
    return { plan, forMs, injection: { owner, proxy, fault, stream, toxicity } };
  });
}

/** The dependency by whose calls a fault shows, where it is on one. */
export function dependencyOf(
  plan: FaultPlan,
  { processes }: Pick<ChaosTarget, 'processes'>,
): string | undefined {
  if ('proxy' in plan) return plan.proxy;
  return 'process' in plan ? processes?.[plan.process]?.dependency : undefined;
}

/** The dependencies that an experiment breaks. */
export const brokenDependencies = (
  { faults }: AnyExperiment,
  target: Pick<ChaosTarget, 'processes'>,
): readonly string[] => [...new Set(faults.flatMap((plan) => dependencyOf(plan, target) ?? []))];

/** What is broken on purpose: nothing · what needs no Toxiproxy, such as a process · proxies in Toxiproxy too. */
export type Breaks = 'nothing' | 'something' | 'proxies';

export function breaksOf(experiments: readonly AnyExperiment[]): Breaks {
  if (experiments.length === 0) return 'nothing';
  return experiments.some(({ faults }) => faults.some((plan) => 'proxy' in plan)) ? 'proxies' : 'something';
}

/** The processes that an experiment breaks. */
export const brokenProcesses = ({ faults }: AnyExperiment): readonly string[] =>
  faults.flatMap((plan) => ('process' in plan ? [plan.process] : []));

/** The id under which the read-back of the toggles is judged. */
export const togglesRestored = 'after.toggles';

/** Everything an experiment promises, in the order in which it is judged. */
export function expectationsOf(experiment: AnyExperiment, judge: JudgeSpec): readonly ExpectationFacts[] {
  const steady = experiment.steadyState.map(({ name }) => ({
    id: steadyId(name),
    text: `${name} passes, undegraded`,
    stage: 'steady-state' as const,
    mode: 'within' as const,
  }));
  const toggled = changesToggles(experiment)
    ? [
        {
          id: togglesRestored,
          text: 'the toggles read back as before',
          stage: 'after',
          mode: 'within',
        } as const,
      ]
    : [];
  return [...steady, ...during(experiment), ...after(experiment, judge), ...toggled];
}

export const steadyId = (check: string): string => `steady-state.${check}`;

export const during = (experiment: AnyExperiment): readonly ExpectationFacts[] =>
  experiment.during.map((each, index) => factsOf('during', index, each));

/** Without a deadline of its own, what comes after is due by the runbook's deadline for a recovery. */
export const after = (experiment: AnyExperiment, judge: JudgeSpec): readonly ExpectationFacts[] =>
  experiment.after.map((each, index) => factsOf('after', index, each, judge.recovery.deadlineMs));

function factsOf(
  stage: 'during' | 'after',
  index: number,
  { mode, deadline, observation }: Expectation,
  otherwise?: number,
): ExpectationFacts {
  const deadlineMs = mode !== 'within' ? undefined : deadline === undefined ? otherwise : toMs(deadline);
  const facts = { id: `${stage}.${index + 1}`, text: observation.text, stage, mode };
  return deadlineMs === undefined ? facts : { ...facts, deadlineMs };
}

export function changesToggles({ prepare, containment }: AnyExperiment): boolean {
  return Object.keys({ ...prepare, ...containment }).length > 0;
}
