import type { SampleType } from '../check/feed.ts';
import type { CheckSpec, JudgeSpec, SignalSpec } from '../event/specs.ts';
import { type PlannedSource, type SamplingPlan, sourcesOf } from './plan.ts';

/**
 * The judge, with how often each signal should hear something: without that nobody knows that its samples stay away. And with the
 * checks that are asked, as signals of their own.
 */
export function withCoverage(judge: JudgeSpec, plan: SamplingPlan): JudgeSpec {
  const signals = judge.signals.map((signal) => {
    const supply = coverageOf(signal, plan);
    return supply === undefined ? signal : { ...signal, supply };
  });
  const checks = plan.flatMap((each) => (each.kind === 'check' ? [checkSpec(judge, each)] : []));
  return { ...judge, signals, checks };
}

function checkSpec(
  { recovery }: JudgeSpec,
  { check, everyMs }: Extract<PlannedSource, { kind: 'check' }>,
): CheckSpec {
  const core = recovery.coreChecks.includes(check.name);
  return {
    name: check.name,
    title: check.title ?? check.name,
    core,
    severity: check.severity ?? (core ? 'SEV-2' : 'SEV-3'),
    everyMs,
  };
}

/** What the samples of each signal must be, as its trigger judges them. */
export function sampleTypesOf({ signals }: JudgeSpec): Readonly<Record<string, SampleType>> {
  return Object.fromEntries(signals.map((signal) => [signal.name, sampleTypeOf(signal)]));
}

function sampleTypeOf({ trigger, unit }: SignalSpec): SampleType {
  if (trigger.statistic === 'rate') return 'flags';
  return unit === 'ms' ? 'durations' : 'numbers';
}

function coverageOf(signal: SignalSpec, plan: SamplingPlan): SignalSpec['supply'] {
  // A histogram without traffic has nothing to say, however often it is read.
  if (signal.metric?.type === 'histogram') return undefined;
  const sources = sourcesOf(plan, signal);
  if (sources.length === 0) return undefined;
  const checks = sources.filter(({ kind }) => kind === 'check').map(({ name }) => name);
  return { everyMs: Math.min(...sources.map(({ everyMs }) => everyMs)), checks };
}
