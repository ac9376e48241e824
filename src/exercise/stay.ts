import type { SiagaEvent } from '../event/envelope.ts';
import type { JudgeSpec } from '../event/specs.ts';
import { wordsOf } from '../incident/derived.ts';
import { outNow } from '../incident/out.ts';
import type { Incident } from '../incident/state.ts';
import { onChange } from './on-change.ts';
import type { RoundParts } from './round.ts';
import type { Sight } from './sight.ts';

/** The bucket in which a stay begins is not whole, and one may be lost. */
const spareMinutes = 2;
const leastMinutes = { trigger: 7, recovery: 12 } as const;

/**
 * Minutes (÷ speed) that a stay lasts at most: as many as the longest trigger of these signals needs to decide, and as
 * the hold of the incident that is open needs to recover.
 */
export function minutesToStay(
  { signals: declared }: JudgeSpec,
  signals: ReadonlySet<string>,
  incident?: Pick<Incident, 'holdBuckets'>,
): number {
  const windows = declared.filter(({ name }) => signals.has(name)).map(({ trigger }) => trigger.buckets);
  const least = incident
    ? Math.max(leastMinutes.recovery, incident.holdBuckets + spareMinutes)
    : leastMinutes.trigger;
  return Math.max(least, ...windows.map((buckets) => buckets + spareMinutes));
}

/** What a stay waits for. */
export interface Stay {
  /** The incident that was open before the round. */
  readonly open: Incident | undefined;
  readonly first: Sight;
  /** What the round has reported so far. */
  events(): readonly SiagaEvent[];
}

/** Waits until the window has decided; false where its time was over before. */
export async function untilDecided(parts: RoundParts, stay: Stay): Promise<boolean> {
  const { clock, journal, judge, engine, signal } = parts;
  const from = clock.now();
  const out = new Set(stay.first.out.map(({ firing }) => firing.signal));
  let restoredAt: number | undefined;
  const unsubscribe = onChange(journal, ['restored'], () => (restoredAt ??= clock.now()));
  // Late results are waited for in real time, whatever the speed. The clock of a recovery begins with the restore.
  const deadline = () => {
    for (const [name, { state }] of engine.newest?.signals ?? []) if (state === 'bad') out.add(name);
    const minutes = minutesToStay(judge, out, engine.incident ?? stay.open);
    return (restoredAt ?? from) + minutes * judge.bucketMs + judge.latenessMs;
  };
  const decided = () => {
    if (stay.open !== undefined) return engine.incident === undefined;
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

/** Whether a state or toggle was reported not normal at any time in a bucket: what comes and goes is not calm. */
function wasOdd(judge: JudgeSpec, events: readonly SiagaEvent[], start: number): boolean {
  return events
    .filter(({ at }) => at >= start && at < start + judge.bucketMs)
    .some((event) => wordsOf(judge, event).some(({ normal }) => !normal));
}
