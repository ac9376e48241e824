import type { K6, TypeCheck, Environment, Inspected } from '../../load/ports.ts';
import { tsc } from '../tsc.ts';
import { pointHider } from './hide-points.ts';
import { start } from './start.ts';
import { provisionContext, type Surroundings } from '../../tools/context.ts';
import { k6 } from '../../tools/k6.ts';
import { provide } from '../../tools/provide.ts';
import { execFile } from 'node:child_process';
import type { Json } from '../../kernel/json.ts';
import { environment } from './environment.ts';

export interface K6Binary {
  /** Path of the executable. */
  readonly path: string;
  readonly version: string;
  /** What the executable needs in its environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * A k6 binary as the load room's port.
 * @param hide takes what is secret out of points and log lines before anybody sees or keeps them. Default: nothing is.
 */
export function k6From(
  { path, version, env = {} }: K6Binary,
  hide: (text: string) => string = (text) => text,
): K6 {
  return {
    version,
    async inspect(script, declared) {
      const inspected = await inspect(path, script, { ...env, ...declared });
      return { ...inspected, log: inspected.log.map(hide) };
    },
    typeCheck,
    start: (launch) => {
      const onLog = (line: string) => launch.onLog(hide(line));
      return start(path, { ...launch, onLog, env: { ...env, ...launch.env } }, pointHider(hide));
    },
  };
}

/** Runs the project's own `tsc` over one script, by the nearest tsconfig.json. */
async function typeCheck(script: string): Promise<TypeCheck> {
  if (!script.endsWith('.ts')) return { state: 'unchecked', reason: 'not TypeScript' };
  return tsc({ files: [script], needs: '@types/k6', bare: { types: ['k6'] } });
}

/** k6 as given, found, cached or built. */
export async function provideK6(surroundings: Surroundings, hide: (text: string) => string): Promise<K6> {
  const { location: path, version, env } = await provide(k6, provisionContext(surroundings));
  return k6From({ path, version, ...(env && { env }) }, hide);
}

const limits = { timeout: 20_000, maxBuffer: 4 * 2 ** 20, killSignal: 'SIGKILL' } as const;

/** `k6 inspect`: the options of a script, its init code run and its thresholds parsed. */
function inspect(path: string, script: string, env: Environment): Promise<Inspected> {
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
