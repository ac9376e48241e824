import type { CallFigures, CheckFinished } from '../event/catalogue.ts';
import type { JudgeSpec } from '../event/specs.ts';
import { messageOf } from '../kernel/errors.ts';
import { isDegraded } from '../runbook/roles.ts';
import type { ExperimentContext } from './context.ts';
import { patience } from './context.ts';
import type { AnyExperiment } from './definition.ts';
import { brokenDependencies, steadyId } from './plan.ts';
import type { CallTotals } from './ports.ts';
import { callsBetween } from './proof.ts';
import { Stop } from './stop.ts';

/** The system's calls to each faulted dependency in the steady state. */
export type Baseline = ReadonlyMap<string, CallFigures>;

/**
 * Waits until the system is as the experiment wants it before anything is broken: every check passes undegraded,
 * the declared states hold, no incident is open, and the dependencies to be faulted are really called.
 * @throws {Stop} where that does not come.
 */
export async function reachSteadyState(
  experiment: AnyExperiment,
  context: ExperimentContext,
  incidentOpen: () => boolean,
  stop: AbortSignal,
): Promise<Baseline> {
  const { clock } = context;
  const deadline = clock.monotonic() + (context.steadyWithinMs ?? patience.steadyMs);
  for (;;) {
    const results = await context.runChecks(experiment.steadyState, stop);
    const problems = problemsOf(experiment, context, results, incidentOpen());
    // An open incident is not waited for here: it may take as long as a recovery takes.
    const over = clock.monotonic() >= deadline || incidentOpen();
    if (problems.length === 0 || over) settle(experiment, context, results);
    if (problems.length === 0) return quietCalls(experiment, context, incidentOpen, stop);
    if (over) throw new Stop('steady-state', `no steady state: ${problems.join('; ')}`);
    await clock.sleep(1_000, stop);
  }
}

function problemsOf(
  experiment: AnyExperiment,
  { judge }: ExperimentContext,
  results: readonly CheckFinished[],
  open: boolean,
): readonly string[] {
  const failed = experiment.steadyState.flatMap(({ name }) => {
    const problem = problemOf(
      judge,
      results.find(({ check }) => check === name),
    );
    return problem === undefined ? [] : [`${name}: ${problem}`];
  });
  const states = Object.entries(experiment.steadyStates ?? {}).flatMap(([state, wanted]) => {
    const values = results.flatMap((result) => (state in result.states ? [result.states[state]] : []));
    if (values.length === 0) return [`no check reports ${state}`];
    const wrong = values.find((got) => got !== wanted);
    return wrong === undefined ? [] : [`${state} is ${wrong}, not ${wanted}`];
  });
  return [...failed, ...states, ...(open ? ['an incident is still open'] : [])];
}

function problemOf(judge: JudgeSpec, result: CheckFinished | undefined): string | undefined {
  if (!result) return 'was not run';
  const first = result.violations[0];
  if (result.outcome !== 'passed') {
    return first
      ? `${first.path} got ${first.got}, allowed ${first.allowed}`
      : (result.reason ?? result.outcome);
  }
  return isDegraded(judge, result.states) ? 'answers degraded' : undefined;
}

function settle(
  experiment: AnyExperiment,
  { journal, judge }: ExperimentContext,
  results: readonly CheckFinished[],
): void {
  for (const { name } of experiment.steadyState) {
    const result = results.find(({ check }) => check === name);
    const problem = problemOf(judge, result);
    const outcome = problem === undefined ? 'met' : result?.outcome === 'inconclusive' ? 'unknown' : 'broken';
    const evidence = journal
      .events()
      .findLast(({ type, data }) => type === 'check.finished' && 'check' in data && data.check === name);
    journal.append({
      type: 'expectation.settled',
      data: {
        experiment: experiment.name,
        expectation: steadyId(name),
        outcome,
        got: problem ?? 'passed',
        allowed: 'passed, undegraded',
        evidence: evidence ? [evidence.seq] : [],
      },
    });
  }
}

/** Counts calls for as long as it takes a bucket to close: a trigger in it belongs to what was before the fault. */
async function quietCalls(
  experiment: AnyExperiment,
  context: ExperimentContext,
  incidentOpen: () => boolean,
  stop: AbortSignal,
): Promise<Baseline> {
  const counted = await countCalls(experiment, context, stop);
  if (incidentOpen())
    throw new Stop('steady-state', 'no steady state: an incident was declared before the fault');
  return counted;
}

async function countCalls(
  experiment: AnyExperiment,
  context: ExperimentContext,
  stop: AbortSignal,
): Promise<Baseline> {
  const { clock } = context;
  const proxies = brokenDependencies(experiment, context.target);
  const quietMs = Math.max(patience.callsMs, context.judge.bucketMs + context.judge.latenessMs);
  const first = await totalsOf(proxies, context);
  const began = clock.monotonic();
  for (;;) {
    await clock.sleep(quietMs, stop);
    const now = await totalsOf(proxies, context);
    const counted = new Map(proxies.map((proxy) => [proxy, difference(first, now, proxy)]));
    const silent = proxies.filter((proxy) => isSilent(counted.get(proxy), now.get(proxy)));
    if (silent.length === 0) return counted;
    if (clock.monotonic() - began >= patience.callsAtMostMs) throw unused(silent, now);
  }
}

// A duration without series would make every call look as fast as none.
const isSilent = (figures: CallFigures | undefined, totals: CallTotals | undefined): boolean =>
  figures?.count === 0 || (totals?.unseen ?? []).length > 0;

// Where no series carries these labels, it is the definition that misses the calls.
function unused(proxies: readonly string[], totals: Totals): Stop {
  const unseen = [...new Set(proxies.flatMap((proxy) => totals.get(proxy)?.unseen ?? []))];
  if (unseen.length > 0) {
    const what = `no series of the system's metrics matches ${unseen.join(', ')}`;
    return new Stop('could-not-run', `${what}: its calls to ${proxies.join(', ')} cannot be counted`);
  }
  return new Stop(
    'unproven',
    `the system makes no calls to ${proxies.join(', ')}: a fault on a proxy that nobody uses shows nothing`,
  );
}

const difference = (from: Totals, to: Totals, proxy: string): CallFigures =>
  callsBetween(from.get(proxy) ?? noTotals, to.get(proxy) ?? noTotals);

const noTotals: CallTotals = { count: 0, errors: 0, timed: 0, totalMs: 0, at: 0 };

export type Totals = ReadonlyMap<string, CallTotals>;

/** The counters of the system's own calls to these dependencies. */
export async function totalsOf(
  proxies: readonly string[],
  { calls, target }: ExperimentContext,
): Promise<Totals> {
  const read = async (proxy: string) => {
    const dependency = target.proxies[proxy];
    if (!dependency) throw new Stop('could-not-run', `the target ${target.name} declares no proxy ${proxy}`);
    return [proxy, await calls.read(dependency.calls)] as const;
  };
  try {
    return new Map(await Promise.all(proxies.map(read)));
  } catch (error) {
    throw error instanceof Stop ? error : new Stop('could-not-run', messageOf(error));
  }
}
