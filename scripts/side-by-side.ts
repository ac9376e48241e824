import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** The environment variable with the number of drills that may run side by side. */
export const sideBySideVariable = 'SIAGA_DRILLS_SIDE_BY_SIDE';

/** As many as run without it, and on a machine that is slow. */
export const fewest = 2;
const most = 6;

/** An empty program starts within this on a machine on which three drills a core do not disturb each other. */
const startsWithinMs = 30;

/**
 * How many drills may run side by side. Each mostly waits, but its system must answer in time: where an empty program
 * takes twice as long to start as it should, half as many run.
 */
export function sideBySide(cores: number, startMs: number): number {
  const fitting = Math.floor((3 * cores * startsWithinMs) / Math.max(startMs, startsWithinMs));
  return Math.min(most, Math.max(fewest, fitting));
}

/** The same of this machine as it is now, with what decided it. */
export function measureSideBySide(): { readonly drills: number; readonly startMs: number } {
  const starts = Array.from({ length: 9 }, startOfNode).toSorted((one, other) => one - other);
  const startMs = starts[4] ?? Infinity;
  return { drills: sideBySide(availableParallelism(), startMs), startMs };
}

function startOfNode(): number {
  const began = performance.now();
  execFileSync(process.execPath, ['--eval', '0']);
  return performance.now() - began;
}
