import { countersOf, keyOf, type Scrape, type ScrapedMetric, startTime } from './increase.ts';
import type { LastRead } from './scraper.ts';

/** A process that answered at the address of the metrics, by its newest look. */
export interface Process {
  /** When it began, UTC ms; `undefined` where it does not tell. */
  readonly began: number | undefined;
  /** When it was looked at, UTC ms. */
  readonly at: number;
  readonly counters: Scrape;
}

export interface Recognised {
  /** What is counted from: empty where the process began since, `undefined` where that is unknown. */
  readonly before: Scrape | undefined;
  /** Newest last. */
  readonly known: readonly Process[];
  /** Not the process of the look before, and none that is known to have taken its place. */
  readonly another: boolean;
}

const atMost = 64;

/**
 * Which process a look is of. Several may answer at one address, and each counts for itself: the fall from one to the
 * next is no restart, and the rise to the one after it is no increase. A look is of the known process with the same
 * start below which none of its counters lies, of several the nearest. Else it is of one that began after the look
 * before, where its start says so; else of another, and what that counted since is unknown.
 */
export function recognise(known: readonly Process[], now: Process): Recognised {
  const last = known.at(-1);
  const own = known.toReversed().flatMap((one) => {
    const distance = one.began === now.began ? distanceOf(one, now) : undefined;
    return distance === undefined ? [] : [{ one, ...distance }];
  });
  const [nearest] = own.toSorted((a, b) => a.unknown - b.unknown || a.moved - b.moved);
  const others = known.filter((one) => one !== nearest?.one);
  const { before, another } = originOf(known, now, last, nearest?.one);
  return { before, another, known: [...others, goingOn(now, before)].slice(-atMost) };
}

function originOf(
  known: readonly Process[],
  now: Process,
  last: Process | undefined,
  nearest: Process | undefined,
): Omit<Recognised, 'known'> {
  if (last === undefined) return { before: undefined, another: false };
  if (nearest !== undefined) return { before: nearest.counters, another: nearest !== last };
  return beganSince(known, now, last) ? { before: [], another: false } : { before: undefined, another: true };
}

// What could not be read now is counted at the next look that can, from where it stood before.
function goingOn(now: Process, before: Scrape | undefined): Process {
  if (before === undefined) return now;
  const was = new Map(before.map((series) => [keyOf(series), series.value]));
  const counters = now.counters.map((series) =>
    Number.isNaN(series.value) ? { ...series, value: was.get(keyOf(series)) ?? 0 } : series,
  );
  return { ...now, counters };
}

/** The process of a look, as far as it can be recognised by the counters that are judged. */
export function processOf(
  { series, unusable }: Pick<LastRead, 'series' | 'unusable'>,
  at: number,
  metrics: readonly ScrapedMetric[],
): Process {
  const began = series.find(({ name }) => name === startTime)?.value;
  return {
    began: began === undefined ? undefined : began * 1_000,
    at,
    counters: countersOf(series, metrics, new Set(unusable.map(({ metric }) => metric))),
  };
}

// One that was seen before has not begun since, whatever the clocks say.
function beganSince(known: readonly Process[], { began }: Process, last: Process): boolean {
  return began !== undefined && !known.some((one) => one.began === began) && beganAfter(began, last.at);
}

// Start times are given in whole seconds, and clocks of two machines are never quite alike.
const slackMs = 2_000;

/** Whether a process that tells this start began after a look at the one before it. Both UTC ms. */
export const beganAfter = (began: number, look: number): boolean => began > look - slackMs;

interface Distance {
  /** Series of which it is not known how far they have gone. */
  readonly unknown: number;
  readonly moved: number;
}

/** How far its counters have gone since; `undefined` where one lies lower, or is gone. */
function distanceOf(before: Process, now: Process): Distance | undefined {
  const values = new Map(now.counters.map((series) => [keyOf(series), series.value]));
  const was = new Map(before.counters.map((series) => [keyOf(series), series.value]));
  if ([...was].some(([key, value]) => (values.get(key) ?? 0) < value)) return undefined;
  const moves = [...values].map(([key, value]) => value - (was.get(key) ?? 0));
  const known = moves.filter((moved) => !Number.isNaN(moved));
  return { unknown: moves.length - known.length, moved: known.reduce((sum, moved) => sum + moved, 0) };
}
