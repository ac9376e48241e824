import type { SiagaEvent } from '../event/envelope.ts';
import type { JudgeSpec } from '../event/specs.ts';
import { wordsOf } from '../incident/derived.ts';
import { outNow } from '../incident/out.ts';
import { onChange } from './live-judge.ts';
import type { RoundParts } from './round.ts';
import type { Sight } from './sight.ts';

/**
 * At most this many minutes (÷ speed) until a trigger has decided, and until a recovery has: counted from the start of
 * the recovery clock where that starts during the stay, for its ten minutes begin only then.
 */
export const stayMinutes = { trigger: 7, recovery: 12 } as const;

/** What a stay waits for. */
export interface Stay {
  /** An incident was open before the round. */
  readonly recovering: boolean;
  readonly first: Sight;
  /** What the round has told so far. */
  events(): readonly SiagaEvent[];
}

/** Waits until the window has decided; false where its time was over before. */
export async function untilDecided(parts: RoundParts, stay: Stay): Promise<boolean> {
  const { clock, journal, judge, engine, signal } = parts;
  const from = clock.now();
  const minutes = stay.recovering ? stayMinutes.recovery : stayMinutes.trigger;
  let restoredAt: number | undefined;
  const unsubscribe = onChange(journal, ['restored'], () => (restoredAt ??= clock.now()));
  // Late results are waited for in real time, whatever the speed.
  const deadline = () => (restoredAt ?? from) + minutes * judge.bucketMs + judge.latenessMs;
  const decided = () => {
    if (stay.recovering) return engine.incident === undefined;
    return (engine.incident !== undefined && !mayBeDown(parts)) || isCalm(parts, stay, from);
  };
  while (!decided() && clock.now() < deadline() && !signal.aborted) {
    await clock.sleep(Math.min(250, judge.bucketMs / 4), signal).catch(() => undefined);
  }
  unsubscribe();
  return decided();
}

/** Whether hard down is neither declared nor contradicted yet, and there is still time for it: what it is called depends on it. */
export function mayBeDown({ engine, judge, clock }: RoundParts): boolean {
  const since = engine.suspectedDown;
  return since !== undefined && clock.now() < since + judge.hardDown.withinMs + judge.latenessMs;
}

/**
 * A window only fires while its newest bucket is bad. It has decided when a whole bucket of the stay is known to hold
 * nothing bad, and nothing of what was found in the first pass is left.
 */
function isCalm({ engine, judge }: RoundParts, { first, events }: Stay, since: number): boolean {
  const { newest } = engine;
  if (newest === undefined || newest.start < since) return false;
  const states = [...newest.signals.values()].map(({ state }) => state);
  if (states.includes('bad') || !states.includes('ok')) return false;
  if (wasOdd(judge, events(), newest.start)) return false;
  const ofRunbook = first.out.filter(({ firing }) => firing.subject === undefined);
  if (ofRunbook.some(({ firing }) => newest.signals.get(firing.signal)?.state !== 'ok')) return false;
  return outNow(judge, events()).every(({ firing }) => firing.subject === undefined);
}

/** Whether a state or toggle was told not normal at any time in a bucket: what comes and goes is not calm. */
function wasOdd(judge: JudgeSpec, events: readonly SiagaEvent[], start: number): boolean {
  return events
    .filter(({ at }) => at >= start && at < start + judge.bucketMs)
    .some((event) => wordsOf(judge, event).some(({ normal }) => !normal));
}
