import type { SampleBatch } from '../event/samples.ts';
import type { Condition, SignalSpec } from '../event/specs.ts';
import { holds } from '../runbook/holds.ts';
import { badCount, readingOf, type Reading } from './reading.ts';

/** Of a bucket against recovery; between good and bad lies hysteresis. */
export type Band = 'good' | 'hysteresis' | 'bad' | 'unknown';

/** What one bucket of one signal says against its trigger. */
export interface Judged extends Reading {
  readonly state: 'bad' | 'ok' | 'unknown';
}

const judgedNothing: Judged = { n: 0, value: null, state: 'unknown' };

/** Judges a bucket against the signal's trigger. A ratio is bad only with at least two failures. */
export function judge(spec: SignalSpec, batches: readonly SampleBatch[]): Judged {
  const reading = readingOf(batches, spec.trigger.statistic);
  if (reading.value === null || reading.n < spec.minSamples) return { ...judgedNothing, n: reading.n };
  const over = holds(spec.trigger, reading.value);
  const enough = spec.unit !== 'ratio' || spec.minSamples < 20 || badCount(batches) >= 2;
  return { ...reading, state: over && enough ? 'bad' : 'ok' };
}

/**
 * Whether a trigger fires over its window, newest last: the newest and the oldest bucket bad, every known one bad,
 * and at most one unknown.
 */
export function fires(window: readonly Judged[], buckets: number): boolean {
  if (window.length < buckets) return false;
  const last = window.slice(-buckets);
  const known = last.filter(({ state }) => state !== 'unknown');
  return (
    last.at(-1)?.state === 'bad' &&
    last[0]?.state === 'bad' &&
    known.length >= buckets - 1 &&
    known.every(({ state }) => state === 'bad')
  );
}

/** The band of a bucket for recovery: good meets `good`, bad meets the trigger, hysteresis lies between. */
export function band(
  spec: SignalSpec,
  good: Condition,
  batches: readonly SampleBatch[],
): Reading & { readonly band: Band } {
  const judged = judge(spec, batches);
  const reading = readingOf(batches, good.statistic);
  const facts = { n: reading.n, value: reading.value };
  if (judged.state === 'unknown' || reading.value === null) return { ...facts, band: 'unknown' };
  if (judged.state === 'bad') return { ...facts, band: 'bad' };
  return { ...facts, band: holds(good, reading.value) ? 'good' : 'hysteresis' };
}

const severity: readonly Band[] = ['bad', 'hysteresis', 'unknown', 'good'];

/** The band of several signals together: the worst. */
export function worstBand(bands: readonly Band[]): Band {
  return severity.find((candidate) => bands.includes(candidate)) ?? 'unknown';
}
