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

export const unitTests: Step = vitest('unit tests', ['unit']);
export const typeTests: Step = vitest('type tests', ['types']);
export const endToEndTests: Step = vitest('end-to-end tests', ['e2e', 'drills']);

/** All tests in one step, of the files whose path holds one of these. */
export function testsOf(paths: readonly string[]): Step {
  const all = [typeTests, unitTests, endToEndTests].flatMap(({ args }) => args.slice(1));
  return { name: `tests of ${paths.join(', ')}`, tool: 'vitest', args: ['run', ...all, ...paths] };
}

function vitest(name: string, projects: readonly string[]): Step {
  return { name, tool: 'vitest', args: ['run', ...projects.map((project) => `--project=${project}`)] };
}
