import type { K6, TypeCheck } from '../../load/ports.ts';
import { tsc } from '../tsc.ts';
import { inspect } from './inspect.ts';
import { pointHider } from './hide-points.ts';
import { start } from './start.ts';

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
