import type { AnyCheck } from '../check/definition.ts';
import type { SampleType } from '../check/feed.ts';
import type { CheckSpec, JudgeSpec, SignalSpec } from '../event/specs.ts';
import { intervalOf } from './schedule.ts';
import { signalsOf } from './supports.ts';

const scrapeMs = 1_000;
const loadMs = 1_000;

/**
 * The judge, with how often each signal should hear something: without that it cannot be called blind. And with the
 * checks that are asked, as signals of their own.
 */
export function withSupply(judge: JudgeSpec, checks: readonly AnyCheck[]): JudgeSpec {
  const signals = judge.signals.map((signal) => {
    const supply = supplyOf(signal, judge, checks);
    return supply === undefined ? signal : { ...signal, supply };
  });
  return { ...judge, signals, checks: checks.map((check) => checkSpec(judge, check)) };
}

function checkSpec({ recovery }: JudgeSpec, check: AnyCheck): CheckSpec {
  const core = recovery.coreChecks.includes(check.name);
  return {
    name: check.name,
    title: check.title ?? check.name,
    core,
    severity: check.severity ?? (core ? 'SEV-2' : 'SEV-3'),
    everyMs: intervalOf(check),
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

function supplyOf(signal: SignalSpec, judge: JudgeSpec, checks: readonly AnyCheck[]): SignalSpec['supply'] {
  if (signal.source === 'load') return { everyMs: loadMs, checks: [] };
  // A histogram without traffic has nothing to say, however often it is read.
  if (signal.source === 'server')
    return signal.metric?.type === 'histogram' ? undefined : { everyMs: scrapeMs, checks: [] };
  const feeding = checks.filter((check) => signalsOf(check, judge).includes(signal.name));
  if (feeding.length === 0) return undefined;
  return { everyMs: Math.min(...feeding.map(intervalOf)), checks: feeding.map(({ name }) => name) };
}
