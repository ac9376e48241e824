import { existsSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Where everything of a project's reference system lies. */
export interface Places {
  readonly folder: string;
  readonly state: string;
  readonly lock: string;
  readonly logs: string;
  readonly token: string;
  readonly users: string;
}

export function placesOf(projectDir: string): Places {
  const folder = join(projectDir, '.siaga', 'reference');
  return {
    folder,
    state: join(folder, 'state.json'),
    lock: join(folder, 'lock'),
    logs: join(folder, 'logs'),
    token: join(folder, 'admin-token'),
    users: join(folder, 'users'),
  };
}

/** The folder by its real path, whether or not it is there, so that each way to it names the same system. */
export function homeOf({ folder }: Places): string {
  const project = join(folder, '..', '..');
  return join(existsSync(project) ? realpathSync(project) : resolve(project), '.siaga', 'reference');
}

/** The programs of the reference system. */
export interface Programs {
  readonly api: string;
  readonly provider: string;
  readonly seed: string;
}

export function programsIn(root: string): Programs {
  const folder = join(root, 'reference');
  return {
    api: join(folder, 'api', 'main.ts'),
    provider: join(folder, 'provider', 'main.ts'),
    seed: join(folder, 'seed.ts'),
  };
}
