import { spawn } from 'node:child_process';
import type { Environment } from './types.ts';

export interface RunOptions {
  readonly env: Environment;
  readonly cwd?: string;
  /** The command is killed after this many milliseconds. */
  readonly timeoutMs: number;
  readonly stdin?: string;
  /** Ends the command with SIGTERM. */
  readonly signal?: AbortSignal | undefined;
  readonly uid?: number;
  readonly gid?: number;
  /** Called with every line of stdout and stderr as it comes. */
  readonly onLine?: (line: string) => void;
}

export type RunResult =
  | { readonly kind: 'exited'; readonly code: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'failed'; readonly reason: string; readonly stdout: string; readonly stderr: string };

const keptCharacters = 1_000_000;

/** Runs a command to its end. Never throws: a command that cannot be started is a result. */
export function run(command: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  const { env, cwd, uid, gid, timeoutMs, stdin, signal, onLine } = options;
  return new Promise((done) => {
    const child = spawn(command, args, {
      env: { ...env },
      stdio: 'pipe',
      ...(signal === undefined ? {} : { signal }),
      ...(cwd === undefined ? {} : { cwd }),
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
    });
    const out = collect(child.stdout, onLine);
    const err = collect(child.stderr, onLine);
    const texts = () => ({ stdout: out(), stderr: err() });
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
      // A grandchild may hold the pipes open long after the child is gone.
      child.stdout.destroy();
      child.stderr.destroy();
    }, timeoutMs);
    child.on('error', (error) => finish({ kind: 'failed', reason: error.message, ...texts() }));
    child.on('close', (code, endedBy) => {
      if (late) finish({ kind: 'failed', reason: `did not end within ${timeoutMs} ms`, ...texts() });
      else if (code === null) finish({ kind: 'failed', reason: `was ended by ${endedBy}`, ...texts() });
      else finish({ kind: 'exited', code, ...texts() });
    });
    child.stdin.on('error', () => {});
    child.stdin.end(stdin);

    function finish(result: RunResult): void {
      clearTimeout(timer);
      done(result);
    }
  });
}

function collect(stream: NodeJS.ReadableStream, onLine?: (line: string) => void): () => string {
  let text = '';
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    text = (text + chunk).slice(-keptCharacters);
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine?.(line);
  });
  return () => text;
}

/** Whether it ended with exit code 0. */
export function succeeded(result: RunResult): result is RunResult & { kind: 'exited' } {
  return result.kind === 'exited' && result.code === 0;
}

/** Why it did not succeed, with the last lines it wrote. */
export function failureOf(result: RunResult, lines = 6): string {
  const how = result.kind === 'failed' ? result.reason : `exit code ${result.code}`;
  const tail = lastLines(`${result.stdout}\n${result.stderr}`, lines);
  return tail === '' ? how : `${how}: ${tail}`;
}

/** The last non-empty lines of a text. */
export function lastLines(text: string, count: number): string {
  const kept = text.split('\n').filter((line) => line.trim() !== '');
  return kept.slice(-count).join('\n');
}
