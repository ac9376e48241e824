import type { EventType } from '../event/catalogue.ts';
import type { Draft, EventOf, SiagaEvent } from '../event/envelope.ts';
import { bucketStart } from '../signal/bucket.ts';
import { afterGap } from './keeper.ts';
import { notAfter, stand, standingOf } from './snapshot.ts';
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

// What a run measures carries the time of its own; what it reads of others, and what is derived, may carry another.
const measured: ReadonlySet<EventType> = new Set([
  'samples',
  'check.finished',
  'toggle.read',
  'tick',
  'clock.jump',
  'run.phase',
]);

/**
 * Events from before runs had a time of their own go back with the wall clock. Where they go back by more than a bucket,
 * buckets go on from the one that was reached: it is unknown, and what was gathered for later ones is gone.
 */
export function followBack(state: EngineState, { type, at }: SiagaEvent): void {
  const { bucketMs } = state.spec;
  if (!measured.has(type) || at >= state.next - bucketMs) return;
  const start = bucketStart(at, bucketMs);
  state.next = start;
  state.tainted.add(start);
  for (const buckets of byBucket(state))
    for (const key of buckets.keys()) if (key >= start) buckets.delete(key);
  for (const [signal, last] of state.lastSample) state.lastSample.set(signal, Math.min(last, at));
  for (const [source, since] of state.down) state.down.set(source, { ...since, at: Math.min(since.at, at) });
  for (const [signal, words] of state.words) state.words.set(signal, before(words, start));
  state.reads = before(state.reads, start);
  state.aside = notAfter(at, state.aside);
  stand(state, notAfter(at, standingOf(state)));
}

function byBucket({ cells, facts, answers, downIn }: EngineState) {
  const checks = [...answers.values()].map(({ buckets }) => buckets);
  return [...cells.values(), facts.provider, ...checks, downIn] as const;
}

// What was reported before still holds, but of no bucket that is to come.
function before<T extends { readonly at: number }>(told: readonly T[], start: number): T[] {
  return told.map((each) => ({ ...each, at: Math.min(each.at, start - 1) }));
}

/** More buckets without a word than this change nothing any more. */
const mostSkipped = 1_000;

/** Of a gap of years only the end is gone through bucket by bucket. */
export function skipFar(state: EngineState, now: number): void {
  const { bucketMs } = state.spec;
  state.next = Math.max(state.next, bucketStart(now - mostSkipped * bucketMs, bucketMs));
}
