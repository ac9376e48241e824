import { countersOf, keyOf, type Scrape, type ScrapedMetric, startTime } from './increase.ts';

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

// Start times are told in whole seconds, and clocks of two machines are never quite alike.
const slackMs = 2_000;
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
    return distance === undefined ? [] : [{ one, distance }];
  });
  const [nearest] = own.toSorted((a, b) => a.distance - b.distance);
  const others = known.filter((one) => one !== nearest?.one);
  const facts = { known: [...others, now].slice(-atMost), another: false };
  if (last === undefined) return { ...facts, before: undefined };
  if (nearest !== undefined) {
    return { ...facts, before: nearest.one.counters, another: nearest.one !== last };
  }
  return beganSince(known, now, last)
    ? { ...facts, before: [] }
    : { ...facts, before: undefined, another: true };
}

/** The process of a look, as far as it can be told by the counters that are judged. */
export function processOf(series: Scrape, at: number, metrics: readonly ScrapedMetric[]): Process {
  const began = series.find(({ name }) => name === startTime)?.value;
  return {
    began: began === undefined ? undefined : began * 1_000,
    at,
    counters: countersOf(series, metrics),
  };
}

// One that was seen before has not begun since, whatever the clocks say.
function beganSince(known: readonly Process[], { began }: Process, last: Process): boolean {
  if (began === undefined || known.some((one) => one.began === began)) return false;
  return began > last.at - slackMs;
}

/** How far its counters have gone since; `undefined` where one lies lower, or is gone. */
function distanceOf(before: Process, now: Process): number | undefined {
  const values = new Map(now.counters.map((series) => [keyOf(series), series.value]));
  const was = new Map(before.counters.map((series) => [keyOf(series), series.value]));
  if ([...was].some(([key, value]) => !((values.get(key) ?? 0) >= value))) return undefined;
  return [...values].reduce((sum, [key, value]) => sum + value - (was.get(key) ?? 0), 0);
}
