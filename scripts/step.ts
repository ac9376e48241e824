import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** A part of the whole check: a tool of this checkout and its arguments. */
export interface Step {
  readonly name: string;
  readonly tool: 'oxfmt' | 'oxlint' | 'tsc' | 'knip' | 'vitest';
  readonly args: readonly string[];
}

export interface StepResult {
  readonly step: Step;
  readonly ok: boolean;
  readonly seconds: number;
  readonly output: string;
}

const owner = {
  oxfmt: 'oxfmt',
  oxlint: 'oxlint',
  tsc: 'typescript',
  knip: 'knip',
  vitest: 'vitest',
} as const;

/** Path of a tool's JavaScript entry, so that it runs on the Node that runs us, whatever the shell finds. */
export function toolPath(tool: Step['tool']): string {
  const manifest = packageFile(owner[tool]);
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: string | Record<string, string> };
  return join(dirname(manifest), typeof bin === 'string' ? bin : (bin[tool] ?? ''));
}

// By path: not every package exports its own manifest, and all of these are direct dependencies.
function packageFile(name: string): string {
  return join(root, 'node_modules', name, 'package.json');
}

/** Runs a step to its end. Its output is kept; `live` also shows it while it runs. */
export async function runStep(step: Step, live = false, env: NodeJS.ProcessEnv = {}): Promise<StepResult> {
  const started = performance.now();
  const { promise, resolve: settle } = Promise.withResolvers<boolean>();
  const child = spawn(process.execPath, [toolPath(step.tool), ...step.args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...(process.stdout.isTTY ? {} : { NO_COLOR: '1' }), ...env },
  });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => void chunks.push(chunk));
    // Whole lines: others write theirs in between.
    if (live) createInterface(stream).on('line', (line) => process.stdout.write(`${line}\n`));
  }
  child.on('error', () => settle(false));
  child.on('close', (code) => settle(code === 0));
  const ok = await promise;
  return {
    step,
    ok,
    seconds: (performance.now() - started) / 1_000,
    output: Buffer.concat(chunks).toString('utf8'),
  };
}

/** One line for a finished step, with what it printed where it failed. */
export function describeResult({ step, ok, seconds, output }: StepResult, shown = false): string {
  const line = `${ok ? 'ok  ' : 'FAIL'} ${step.name} (${seconds.toFixed(1)} s)\n`;
  if (ok || shown) return line;
  const { tool, args } = step;
  const command = `     ${tool} ${args.join(' ')}`;
  return `${line}${command}\n${excerpt(output, tool === 'vitest')}\n`;
}

const mostLines = 80;
const mostColumns = 240;

/** A compiler tells what failed at its beginning; a test runner names it in lines of its own and explains at its end. */
function excerpt(text: string, isTests: boolean): string {
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => (line.length > mostColumns ? `${line.slice(0, mostColumns)}…` : line));
  const rest = lines.length - mostLines;
  if (rest <= 0) return lines.join('\n');
  const note = `… ${rest} more lines`;
  if (!isTests) return [...lines.slice(0, mostLines), note].join('\n');
  const named = lines.slice(0, rest).filter((line) => /^\s*FAIL /.test(line));
  return [...named, note, ...lines.slice(rest)].join('\n');
}
