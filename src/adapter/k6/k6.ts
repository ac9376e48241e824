import type { K6 } from '../../load/ports.ts';
import { inspect } from './inspect.ts';
import { start } from './start.ts';
import { typeCheck } from './type-check.ts';

export interface K6Binary {
  /** Path of the executable. */
  readonly path: string;
  readonly version: string;
  /** What the executable needs in its environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A k6 binary as the load room's port. */
export function k6From({ path, version, env = {} }: K6Binary): K6 {
  return {
    version,
    inspect: (script, declared) => inspect(path, script, { ...env, ...declared }),
    typeCheck,
    start: (launch) => start(path, { ...launch, env: { ...env, ...launch.env } }),
  };
}
