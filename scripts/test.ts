// Everything CI does, each step to its end; with paths, only the test files whose path holds one of them.
// The last line is the count.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeResult, runStep } from './step.ts';
import type { Step } from './step.ts';
import { steps, testsOf } from './steps.ts';
import { tallyFile } from './tally.ts';
import type { FileTime, Tally } from './tally.ts';

const mostFiles = 15;

const paths = process.argv.slice(2);
const isFull = paths.length === 0;
const option = paths.find((path) => path.startsWith('-'));
if (option !== undefined) {
  process.stderr.write(`npm test: got ${option}, allowed: parts of the paths of test files\n`);
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'siaga-test-'));
const tallies: Tally[] = [];
try {
  for (const step of isFull ? steps : [testsOf(paths)])
    tallies.push(await (step.tool === 'vitest' ? counted(step) : single(step)));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const passed = sum(tallies.map((tally) => tally.passed));
const failed = sum(tallies.map((tally) => tally.failed));
process.stdout.write(
  ['', ...tallies.flatMap(({ reasons }) => reasons.map((reason) => `FAIL ${reason}`)), ''].join('\n'),
);
for (const { notShown = [] } of tallies)
  for (const what of notShown) process.stdout.write(`not shown on this machine: ${what}\n`);
if (isFull) process.stdout.write(slowest(tallies.flatMap(({ files = [] }) => files)));
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

async function single(step: Step): Promise<Tally> {
  const result = await runStep(step);
  process.stdout.write(describeResult(result));
  return result.ok ? { passed: 1, failed: 0, reasons: [] } : { passed: 0, failed: 1, reasons: [step.name] };
}

async function counted(step: Step): Promise<Tally> {
  process.stdout.write(`\n-- ${step.name}\n`);
  const file = join(mkdtempSync(join(folder, 'step-')), 'tally.json');
  const result = await runStep(step, true, { [tallyFile]: file });
  process.stdout.write(describeResult(result, true));
  return withExit(readTally(file), result.ok, step.name);
}

// A runner that ended badly without naming a failed test still failed.
function withExit(tally: Tally, ok: boolean, name: string): Tally {
  if (ok || tally.failed > 0) return tally;
  const why =
    tally.files?.length === 0 ? 'no test file matches' : 'the test runner failed without naming a test';
  const reason = `${name}: ${why}`;
  return { ...tally, failed: 1, reasons: [reason] };
}

function readTally(file: string): Tally {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Tally;
  } catch {
    return { passed: 0, failed: 1, reasons: ['the test runner died before it counted'] };
  }
}

// What runs side by side is not waited for twice: the sum of all may be more than the run took.
function slowest(files: readonly FileTime[]): string {
  const first = files.toSorted((a, b) => b.ms - a.ms).slice(0, mostFiles);
  const lines = first.map(({ file, ms }) => `${(ms / 1_000).toFixed(1).padStart(8)} s  ${file}`);
  return [`the ${first.length} slowest of ${files.length} test files:`, ...lines, ''].join('\n');
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
