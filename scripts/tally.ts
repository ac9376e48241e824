// A vitest reporter that writes how many tests passed and failed. Skipped, todo and retried ones count as failed,
// and so does a file that could not be loaded and an error outside every test.
import { writeFileSync } from 'node:fs';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  /** Why each failed one failed, by its full name. */
  readonly reasons: readonly string[];
  /** What this machine could not show, each with its cause. */
  readonly notShown?: readonly string[];
  /** How long each file took by itself, in ms: its imports, its hooks and its tests. */
  readonly files?: readonly FileTime[];
}

export interface FileTime {
  readonly file: string;
  readonly ms: number;
}

declare module 'vitest' {
  interface TaskMeta {
    /** What cannot be shown on this machine, and why. */
    notShown?: string;
  }
}

/** Name of the environment variable with the file to write to. */
export const tallyFile = 'SIAGA_TALLY_FILE';

export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly { readonly message?: string }[]): void {
    const file = process.env[tallyFile];
    if (file === undefined) return;
    const reasons = [
      ...modules.flatMap(reasonsOf),
      ...unhandled.map((error) => `outside every test: ${error.message ?? 'unknown error'}`),
    ];
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const passed = tests.filter(isClean).length;
    const notShown = tests.flatMap((test) => test.meta().notShown ?? []);
    writeFileSync(
      file,
      JSON.stringify({
        passed,
        failed: reasons.length,
        reasons,
        notShown,
        files: modules.map(timeOf),
      } satisfies Tally),
    );
  }
}

function timeOf(module: TestModule): FileTime {
  const { setupDuration, collectDuration, duration } = module.diagnostic();
  return { file: module.relativeModuleId, ms: setupDuration + collectDuration + duration };
}

function reasonsOf(module: TestModule): readonly string[] {
  const tests = [...module.children.allTests()];
  const errors = module.errors();
  return [
    ...tests
      .filter((test) => !isClean(test))
      .map((test) => `${test.fullName}: ${[stateOf(test), ...saidBy(test)].join(', ')}`),
    ...[...module.children.allSuites()].flatMap((suite) =>
      suite.errors().map(({ message }) => `${suite.fullName}: ${message}`),
    ),
    ...errors.map(({ message }) => message),
    ...(tests.length + errors.length === 0 ? ['holds no test'] : []),
  ].map((reason) => `${module.relativeModuleId} > ${reason}`);
}

// Logs are cut short and read from the end: what went wrong stands beside the name.
function saidBy(test: TestCase): readonly string[] {
  const said = test.result().errors?.[0]?.message.replaceAll(/\s+/g, ' ').trim();
  return said === undefined ? [] : [said.slice(0, 300)];
}

const isClean = (test: TestCase): boolean => stateOf(test) === 'passed';

function stateOf(test: TestCase): string {
  const { state } = test.result();
  return state === 'passed' && (test.diagnostic()?.retryCount ?? 0) > 0 ? 'passed after a retry' : state;
}
