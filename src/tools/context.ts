import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageUrl } from '../kernel/place.ts';
import type { Progress } from '../kernel/ports.ts';
import type { Environment, ProvisionContext } from './types.ts';

/** Root of the checkout, or of the installed package. */
export const packageRoot = resolve(fileURLToPath(packageUrl));

export interface Surroundings {
  readonly env: Environment;
  readonly cwd: string;
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
}

export function provisionContext({ env, cwd, progress, signal }: Surroundings): ProvisionContext {
  const { platform, arch } = process;
  return {
    env,
    cwd,
    progress,
    signal,
    platform,
    arch,
    root: packageRoot,
    cacheDir: cacheFolder(env, cwd, platform),
  };
}

/** `SIAGA_CACHE_DIR`, else the platform's cache folder of this user. */
export function cacheFolder(env: Environment, cwd: string, platform: NodeJS.Platform): string {
  if (env['SIAGA_CACHE_DIR']) return resolve(cwd, env['SIAGA_CACHE_DIR']);
  const home = env['HOME'] || homedir();
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'siaga');
  return join(env['XDG_CACHE_HOME'] || join(home, '.cache'), 'siaga');
}
