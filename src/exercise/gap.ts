import type { SiagaEvent } from '../event/envelope.ts';
import type { JudgeSpec } from '../event/specs.ts';
import { elapsedMs, sameClock } from '../kernel/boot.ts';
import { bucketStart } from '../signal/bucket.ts';
import type { RunJournal, Store } from '../event/store.ts';

// Two processes of one machine do not agree to the millisecond.
const stepMs = 2_000;

/**
 * The time between the last event of one run and the first of another, in which nobody looked. Never negative: where
 * UTC and a shared monotonic clock disagree it is the longer of the two (a suspended machine stops the one, a clock
 * that is set the other). Where the wall clock was set back and nothing else tells how long it was, it counts as more
 * unknown buckets than any hold survives.
 */
export function gapBetween(
  last: SiagaEvent,
  began: SiagaEvent,
  { bucketMs, latenessMs, recovery }: JudgeSpec,
): { readonly gapMs: number; readonly unknownBuckets: number } {
  const gapMs = gapMsBetween(last, began);
  const next = bucketStart(began.at - gapMs - latenessMs, bucketMs);
  const counted = Math.max(0, Math.round((bucketStart(began.at, bucketMs) - next) / bucketMs));
  const unknown = !sameClock(last, began) && began.at < last.at;
  return { gapMs, unknownBuckets: unknown ? Math.max(counted, recovery.maxUnknownInRow + 1) : counted };
}

/** How long it was from one event to another of a later run, by the longer of the two clocks. */
export const gapMsBetween = (last: SiagaEvent, began: SiagaEvent): number =>
  Math.round(Math.max(0, began.at - last.at, elapsedMs(last, began)));

/** How far the wall clock was set back between two events, at least: 0 where it was not. */
export function setBackMs(last: SiagaEvent, began: SiagaEvent): number {
  const passed = sameClock(last, began) ? Math.max(0, elapsedMs(last, began)) : 0;
  const back = Math.round(passed - (began.at - last.at));
  return back > stepMs ? back : 0;
}

/** Says so where the wall clock was set back since the last run: the times of this one lie before those of that one. */
export function tellSetBack(store: Pick<Store, 'read'>, journal: RunJournal, target: string): void {
  const began = journal.events().find(({ type }) => type === 'run.started');
  const last = store
    .read({ target, types: ['run.started', 'run.finished'], newest: 2 })
    .findLast(({ run }) => run !== journal.run);
  const byMs = began !== undefined && last !== undefined ? setBackMs(last, began) : 0;
  if (began === undefined || byMs === 0) return;
  const { at, mono } = began;
  journal.append({
    type: 'clock.jump',
    data: { wallMs: at, monotonicMs: mono, byMs: -byMs, betweenRuns: true },
  });
}
