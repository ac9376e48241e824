import type { AnyCheck } from '../check/definition.ts';
import type { CheckFinished } from '../event/catalogue.ts';
import type { SamplingContext } from './context.ts';
import { laneOf, notAsked, observe } from './observe.ts';
import { createRecorder } from './recorder.ts';
import type { SourceReader } from './own-source.ts';
import type { MetricsReader } from './scraper.ts';
import { Slots } from './slots.ts';

/** Probes in flight at once. */
export const concurrency = 256;

/**
 * Runs each check once, side by side, and writes `check.finished` and `samples`; the target's metrics, where they are
 * given, are read before and after, the project's own sources meanwhile. In the order of the checks; one whose `maxPerHour` is used up is inconclusive.
 * Rejects with the signal's reason where it was interrupted; what had finished by then is written.
 */
export async function runRound(
  checks: readonly AnyCheck[],
  context: SamplingContext,
  metrics?: MetricsReader,
  own: readonly SourceReader[] = [],
): Promise<CheckFinished[]> {
  const { target, signal } = context;
  const recorder = createRecorder(context, 'every');
  const slots = new Slots(concurrency);
  const once = async (check: AnyCheck) => {
    const lane = laneOf(target, check);
    const run = { lane, connection: `${lane}/round`, latenessMs: 0 };
    const free = (await context.hourly?.mayRun(check)) ?? true;
    const evaluation = free ? await observe(check, run, context) : notAsked(check, run, context);
    signal.throwIfAborted();
    return recorder.finished(evaluation);
  };
  try {
    await metrics?.look(recorder, context);
    const sources = Promise.all(own.map((reader) => reader.look(recorder, context)));
    const round = await Promise.all(checks.map((check) => slots.run(() => once(check))));
    await sources;
    await metrics?.look(recorder, context);
    return round;
  } finally {
    recorder.drain();
  }
}
