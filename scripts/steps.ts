import type { Step } from './step.ts';

/** What needs no test runner: each counts as one in the total. */
export const staticSteps: readonly Step[] = [
  { name: 'format', tool: 'oxfmt', args: ['--check', '.'] },
  { name: 'lint', tool: 'oxlint', args: ['--deny-warnings', '.'] },
  { name: 'types', tool: 'tsc', args: ['-p', '.'] },
  { name: 'types of the reference system', tool: 'tsc', args: ['-p', 'reference'] },
  { name: 'types of the scenarios', tool: 'tsc', args: ['-p', 'scenarios'] },
  { name: 'dead code', tool: 'knip', args: ['--no-progress', '--treat-config-hints-as-errors'] },
];

const typeTests = vitest('type tests', ['types']);
// Nearly half of what they take is to load the same sources anew for each file.
export const unitTests: Step = vitest('unit tests', ['unit'], '--no-isolate');
/**
 * Everything, one step after the other: what measures a system has the machine to itself but for one more of its kind.
 */
export const steps: readonly Step[] = [
  ...staticSteps,
  typeTests,
  unitTests,
  vitest('tests that keep a processor busy', ['busy']),
  vitest('tests on real parts', ['drills', 'parts']),
  vitest('tests that need the machine', ['alone']),
];

/** All tests in one step, of the files whose path holds one of these. */
export function testsOf(paths: readonly string[]): Step {
  const projects = ['types', 'unit', 'drills', 'parts', 'busy', 'alone'];
  return vitest(`tests of ${paths.join(', ')}`, projects, ...paths);
}

function vitest(name: string, projects: readonly string[], ...more: readonly string[]): Step {
  return {
    name,
    tool: 'vitest',
    args: ['run', ...projects.map((project) => `--project=${project}`), ...more],
  };
}
