import type { Draft, EventOf } from '../event/envelope.ts';
import { bucketStart } from '../signal/bucket.ts';
import { afterGap } from './gap.ts';
import type { EngineState } from './state.ts';

type Jump = EventOf<'clock.jump'>;

/** The buckets that a step of the wall clock touched say nothing. Before any of them closes. */
export function taintStep({ tainted, next, spec: { bucketMs } }: EngineState, { at, data }: Jump): void {
  if (data.betweenRuns === true) return;
  // Where a run had no time of its own yet, the step moved `at`: where the clock was, and where it is.
  const ends = [data.sinceMs ?? at - (data.byMs ?? 0), at];
  for (const moment of ends) tainted.add(bucketStart(moment, bucketMs));
  if (data.sinceMs === undefined) return;
  // Those before the next one are closed.
  const first = Math.max(next, bucketStart(data.sinceMs, bucketMs));
  for (let start = first; start <= at; start += bucketMs) tainted.add(start);
}

/**
 * A clock that was set forward cannot be told from a machine that was suspended: the run's own time stood still, and
 * nobody looked. Each bucket that the clock skipped counts as an unknown one.
 */
export function afterStep(state: EngineState, { at, data }: Jump): readonly Draft[] {
  if (data.sinceMs === undefined) return [];
  const buckets = Math.floor((data.byMs ?? 0) / state.spec.bucketMs);
  if (buckets <= 0) return [];
  for (const { name, trigger } of state.spec.signals) {
    const skipped = Array.from({ length: Math.min(buckets, trigger.buckets) }, () => unknown);
    state.history.set(name, [...(state.history.get(name) ?? []), ...skipped].slice(-trigger.buckets));
  }
  return afterGap(state, buckets, at);
}

const unknown = { n: 0, value: null, state: 'unknown' } as const;
