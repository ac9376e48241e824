import { type Diagnostic, isError } from '../kernel/diagnostic.ts';
import type { Project } from '../project/types.ts';
import type { Target } from '../project/target.ts';
import { compileJudge } from '../runbook/judge.ts';
import { metricsEveryMs, planFaults, planOf } from '../sampling/plan.ts';

/**
 * Signals whose buckets the checks alone cannot fill at this speed: a round that stays would never decide on them.
 * Nothing is reported of a project that is broken anyway.
 */
export function samplingFaults(
  project: Project,
  target: Target | undefined,
  speed: number,
): readonly Diagnostic[] {
  const { runbook, checks, sources, diagnostics } = project;
  if (runbook === undefined || target === undefined || diagnostics.some(isError)) return [];
  const judge = compileJudge(runbook, { speed, loadRunning: false, coreChecks: [] });
  const read = target.metrics === undefined ? undefined : metricsEveryMs.round;
  return planFaults(judge, planOf(judge, { checks, metricsEveryMs: read, own: sources }));
}
