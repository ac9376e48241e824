import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

// What takes longest, by a full run; the sizes of the files say nothing about it.
const longest = [
  'chaos/strangers',
  'sabotage/fallback',
  'uses/alone',
  'sabotage/recovery',
  'only-this',
  'uses/together',
  'faults/faults',
  'load/bad-input',
  'sabotage/toggles',
  'chaos/toggles-kill',
  'sabotage/hold',
  'uses/running',
  'faults/killed',
  'chaos/kill',
  'load/verdict',
  'chaos/runner',
];

function place({ moduleId }: TestSpecification): number {
  const found = longest.findIndex((name) => moduleId.endsWith(`/${name}.e2e.ts`));
  return found < 0 ? longest.length : found;
}

/** Begins with the files that take longest, so that none of them is still running when all others have ended. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- it is no array that sorts here
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => place(one) - place(other));
  }
}
