import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

// What takes longest, by a full run; the sizes of the files say nothing about it.
const longest = [
  'chaos/strangers',
  'uses/alone',
  'faults/faults',
  'only-this',
  'chaos/toggles-kill',
  'load/bad-input',
  'chaos/reference-processes',
  'uses/together',
  'sabotage/toggles',
  'sabotage/hold',
  'sabotage/fallback',
  'uses/running',
  'chaos/kill',
  'load/verdict',
  'faults/killed',
  'sabotage/recovery',
  'chaos/process',
  'containers',
  'chaos/runner',
  'uses/gate',
  'reference',
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
