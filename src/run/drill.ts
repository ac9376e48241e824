import { resolve } from 'node:path';
import type { AnyExperiment } from '../chaos/definition.ts';
import { breakerMetrics } from '../chaos/expect/breaker.ts';
import { processStart } from '../chaos/expect/restarts.ts';
import { assertBreakable } from '../chaos/preflight.ts';
import { runExperiment } from '../chaos/experiment-run.ts';
import type { ExperimentContext } from '../chaos/context.ts';
import type { AnyCheck } from '../check/definition.ts';
import { drill, type DrillResult, type Running } from '../exercise/drill.ts';
import { invalidDefinitions } from '../kernel/diagnostic.ts';
import type { K6 } from '../load/ports.ts';
import { startLoad } from '../load/run.ts';
import { judgedMetrics, type ScrapedMetric } from '../sampling/increase.ts';
import { MetricsReader } from '../sampling/scraper.ts';
import { metricsEveryMs, planFaults, planOf, type SamplingPlan } from '../sampling/plan.ts';
import { runRound } from '../sampling/observe.ts';
import { startSampler } from '../sampling/sampler.ts';
import { roleTags } from '../runbook/roles.ts';
import type { ToggleDriver } from '../effect/toggle/driver.ts';
import { toggleDriverOf, watchTargetToggles } from './actuator.ts';
import { breakableProcesses, reachedProcesses } from './processes.ts';
import { assertChaosAllowed } from './resolve-target.ts';
import { ownReaders } from './own-sources.ts';
import { askable, samplingOf } from './sampling.ts';
import { loadContext, scenarioOf } from './scenario.ts';
import type { Session } from './session-types.ts';
import { onVerify } from './verify.ts';
import { withoutToxiproxy } from './without-toxiproxy.ts';

/** A new process begins with closed breakers, which no counter tells. */
const started: ScrapedMetric = {
  signal: processStart,
  metric: { name: 'process_start_time_seconds', type: 'gauge', labels: {}, scale: 1 },
  keep: [],
  zeros: false,
  prompt: true,
};

/** Runs experiments in a session: one load, everything sampled, each experiment after the other. */
export async function drillIn(
  session: Session,
  experiments: readonly AnyExperiment[],
  k6: K6,
): Promise<DrillResult> {
  const toggles = toggleDriverOf(session);
  const context = experimentContext(session, toggles);
  assertHeld(session, experiments);
  await assertBreakable(experiments, context, session.platform.hasEnded);
  return drill(
    {
      journal: session.journal,
      signal: session.signal,
      startLoad: () => steadyLoad(session, experiments, k6),
      startSampling: () => sampleAll(session, experiments),
      runExperiment: (experiment) => runExperiment(experiment, context),
    },
    experiments,
  );
}

/** A plan that cannot fill its buckets is refused: its signals would stay unknown, and neither fire nor recover. */
function assertHeld(session: Session, experiments: readonly AnyExperiment[]): void {
  const fault = invalidDefinitions(planFaults(session.judge, drillPlan(session, experiments)));
  if (fault !== undefined) throw fault;
}

function drillPlan(session: Session, experiments: readonly AnyExperiment[]): SamplingPlan {
  return planOf(session.judge, {
    checks: askable(watched(session, experiments), session.target),
    loads: [{ name: experiments[0]?.load.scenario ?? 'steady', rate: rateOf(experiments) }],
    metricsEveryMs: metricsEveryMs.drill,
    own: session.project.sources,
  });
}

function rateOf(experiments: readonly AnyExperiment[]): number {
  return Math.max(...experiments.map(({ load }) => load.rate));
}

function steadyLoad(session: Session, experiments: readonly AnyExperiment[], k6: K6) {
  const [first] = experiments;
  const scenario = first?.load.scenario ?? 'steady';
  const rate = rateOf(experiments);
  const { name, path } = scenarioOf(session.project, scenario, session.platform.projectFiles);
  const request = { name, script: path, rate, thresholds: 'observed' } as const;
  return startLoad(request, loadContext(session, k6));
}

function sampleAll(session: Session, experiments: readonly AnyExperiment[]): Running {
  const { target, judge } = session;
  const path = target.definition.metrics;
  const metrics = [...judgedMetrics(judge), started, ...breakerMetrics(judge)];
  const sampler = startSampler({
    plan: drillPlan(session, experiments),
    ...(path !== undefined && { metrics: new MetricsReader({ url: `${target.url}${path}`, metrics }) }),
    own: ownReaders(session),
    ctx: samplingOf(session),
  });
  const watch = watchTargetToggles(session);
  const verify = onVerify(session);
  return {
    async stop() {
      verify();
      await Promise.all([sampler.stop(), watch.stop()]);
    },
  };
}

function watched(
  { project, core, judge }: Session,
  experiments: readonly AnyExperiment[],
): readonly AnyCheck[] {
  const wanted = experiments.flatMap(({ watch, steadyState }) => watch ?? steadyState);
  const { ready, facts: telling } = roleTags(judge);
  const facts = project.checks.filter(({ tags }) => tags.includes(ready) || tags.includes(telling));
  return [...new Map([...wanted, ...core, ...facts].map((check) => [check.name, check])).values()];
}

function experimentContext(session: Session, toggles: ToggleDriver | undefined): ExperimentContext {
  const { journal, platform, project, guard, target, judge, signal } = session;
  const ctx = samplingOf(session);
  const processes = reachedProcesses(session);
  assertChaosAllowed(target);
  return {
    journal,
    clock: platform.clock,
    faults:
      target.toxiproxy === undefined
        ? withoutToxiproxy(session)
        : platform.faults(target.toxiproxy, { ...(target.reference && { projectDir: project.dir }) }),
    own: platform.ownFaults({
      dir: project.dir,
      files: new Map(project.faults.map(({ file, value }) => [value.kind, resolve(project.dir, file)])),
      owner: guard.owner,
      secrets: target.secrets,
    }),
    processes: platform.processFaults(breakableProcesses(session, processes)),
    guard,
    probes: platform.dependencyProbe,
    calls: platform.callMeter(`${target.url}${target.definition.metrics ?? '/metrics'}`),
    target: { ...target.definition, processes, url: target.url, configured: target.definition.url },
    runChecks: (checks, abort) => runRound(askable(checks, target), { ...ctx, signal: abort }),
    ...(toggles && { toggles }),
    judge,
    signal,
  };
}
