import { existsSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SiagaError } from '../../kernel/errors.ts';
import { exit } from '../../kernel/exit.ts';

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

/** @throws {SiagaError} `reference-not-shipped` (exit 2): an installed package does not hold the reference system. */
export function programsIn(root: string): Programs {
  const folder = join(root, 'reference');
  const programs = {
    api: join(folder, 'api', 'main.ts'),
    provider: join(folder, 'provider', 'main.ts'),
    seed: join(folder, 'seed.ts'),
  };
  if (Object.values(programs).every((file) => existsSync(file))) return programs;
  throw new SiagaError('reference-not-shipped', {
    what: 'the reference system comes with a checkout of siaga, not with the installed package',
    where: folder,
    hint: 'clone the repository and run the command there, or set SIAGA_TARGET_URL to use a system of your own',
    exitCode: exit.usage,
  });
}
