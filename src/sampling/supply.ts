import type { AnyCheck } from '../check/definition.ts';
import type { JudgeSpec, SignalSpec } from '../event/specs.ts';
import { intervalOf } from './schedule.ts';
import { signalsOf } from './supports.ts';

const scrapeMs = 1_000;
const loadMs = 1_000;

/** The judge, and how often each signal should hear something: without that it cannot be called blind. */
export function withSupply(judge: JudgeSpec, checks: readonly AnyCheck[]): JudgeSpec {
  const signals = judge.signals.map((signal) => {
    const supply = supplyOf(signal, checks);
    return supply === undefined ? signal : { ...signal, supply };
  });
  return { ...judge, signals };
}

function supplyOf(signal: SignalSpec, checks: readonly AnyCheck[]): SignalSpec['supply'] {
  if (signal.source === 'load') return { everyMs: loadMs, checks: [] };
  // A histogram without traffic has nothing to say, however often it is read.
  if (signal.source === 'server')
    return signal.metric?.type === 'histogram' ? undefined : { everyMs: scrapeMs, checks: [] };
  const feeding = checks.filter((check) => signalsOf(check).includes(signal.name));
  if (feeding.length === 0) return undefined;
  return { everyMs: Math.min(...feeding.map(intervalOf)), checks: feeding.map(({ name }) => name) };
}
