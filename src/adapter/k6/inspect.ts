import { execFile } from 'node:child_process';
import type { Json } from '../../kernel/json.ts';
import type { Environment, Inspected } from '../../load/ports.ts';
import { environment } from './environment.ts';

const limits = { timeout: 20_000, maxBuffer: 4 * 2 ** 20, killSignal: 'SIGKILL' } as const;

/** `k6 inspect`: the options of a script, its init code run and its thresholds parsed. */
export function inspect(path: string, script: string, env: Environment): Promise<Inspected> {
  const args = [
    'inspect',
    '--execution-requirements',
    // Unlike a run, an inspection leaves the environment out: it would see another rate than the run.
    '--include-system-env-vars',
    '--no-color',
    '--log-output=stderr',
    '--log-format=json',
    script,
  ];
  return new Promise((resolve) => {
    execFile(path, args, { ...limits, env: environment(env) }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
      const log = stderr.split('\n').filter((line) => line !== '');
      resolve({ exitCode, options: parse(stdout), log: exitCode === null ? [...log, asLog(error)] : log });
    });
  });
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function asLog(error: Error | null): string {
  return JSON.stringify({ level: 'error', msg: error?.message ?? 'k6 inspect was killed' });
}
