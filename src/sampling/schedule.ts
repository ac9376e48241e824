import type { AnyCheck } from '../check/definition.ts';
import { toMs } from '../kernel/to-ms.ts';

const hourMs = 3_600_000;
const longestStaggerMs = 1_000;

/** Milliseconds between two planned runs of a check: its `every`, stretched where `maxPerHour` asks for it. */
export function intervalOf({ every, maxPerHour }: Pick<AnyCheck, 'every' | 'maxPerHour'>): number {
  return Math.max(toMs(every), maxPerHour === undefined ? 0 : hourMs / maxPerHour);
}

/** When the first run of lane `index` of `lanes` is due: spread, so that a start is no burst. Monotonic milliseconds. */
export function firstDue(start: number, everyMs: number, index: number, lanes: number): number {
  return start + (Math.min(everyMs, longestStaggerMs) * index) / lanes;
}

export interface Planned {
  /** Monotonic milliseconds. */
  readonly due: number;
  /** Planned runs that the one before made impossible. */
  readonly skipped: number;
}

/**
 * The run after one that was due at `due` and ended at `ended`: the latest planned time that has passed meanwhile,
 * else the next one. What lies between is skipped, never run in a burst.
 */
export function following(due: number, ended: number, everyMs: number): Planned {
  const passed = Math.max(1, Math.floor((ended - due) / everyMs));
  return { due: due + passed * everyMs, skipped: passed - 1 };
}

/** How late a run began through our own doing: waiting for the run before it is the target's. */
export function latenessOf(due: number, freeSince: number, began: number): number {
  return Math.max(0, began - Math.max(due, freeSince));
}
