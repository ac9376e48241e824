import type { JudgeSpec } from '../event/specs.ts';

/** The highest share of failures that the runbook allows a load, 0…1. */
export function shareOf({ loadErrors = 0.02 }: Pick<JudgeSpec, 'loadErrors'>): number {
  return loadErrors;
}

/** Whether so many failures of `n` decide: at least two, and more than the share allowed. One may be anything. */
export function tooMany(failures: number, n: number, judge: Pick<JudgeSpec, 'loadErrors'>): boolean {
  return failures >= 2 && failures / n > shareOf(judge);
}
