import type { Symptoms } from '../event/incident.ts';
import type { JudgeSpec, SignalSpec } from '../event/specs.ts';
import { formatMs } from '../kernel/duration.ts';
import { formatRatio } from '../kernel/percent.ts';
import type { MessageFacts, WindowFacts } from './facts.ts';

/** The aggregate that messages quote, in words. */
export function windowOf(
  { windowMs, p95, errorRatio, n }: Symptoms,
  { judge, announceAfter: begun }: MessageFacts,
  at: number,
): WindowFacts {
  const lookedMs = Math.max(1_000, Math.round((at - begun) / 1_000) * 1_000);
  return {
    runbookMs: Math.round(windowMs * judge.speed),
    ...(at >= begun && lookedMs < windowMs && { lookedMs }),
    p95: p95 === null ? null : formatMs(p95),
    errors: errorRatio === null ? null : formatRatio(errorRatio),
    n,
    least: Math.max(0, ...judge.signals.flatMap((spec) => (isFelt(spec, judge) ? [spec.minSamples] : []))),
  };
}

// What must be good again before it is over, and is seen from outside, is what users wait for.
export function isFelt({ name, source }: SignalSpec, { recovery }: JudgeSpec): boolean {
  return (source === 'probe' || source === 'load') && recovery.criteria.some(({ signal }) => signal === name);
}
