import { resolve } from 'node:path';
import { loadProject, requireSound } from '../project/load.ts';
import { secretsOf } from '../project/secrets.ts';
import type { Project, SoundProject } from '../project/types.ts';
import type { World } from './world.ts';

type ProjectWorld = Pick<World, 'cwd' | 'env' | 'projectFiles' | 'secrets'>;

/**
 * The project in a folder. What is secret in its configuration is hidden from then on in everything that this process
 * writes.
 * @throws {SiagaError} as `loadProject` does.
 */
export async function readProject(folder: string, world: ProjectWorld): Promise<Project> {
  const project = await loadProject(resolve(world.cwd, folder), world.projectFiles);
  const { values, names } = secretsOf(project, world.env);
  world.secrets.keep(values, names);
  return project;
}

/**
 * As `readProject`, if nothing in it is wrong.
 * @throws {SiagaError} `invalid-definitions` (exit 2), listing every error.
 */
export async function soundProject(folder: string, world: ProjectWorld): Promise<SoundProject> {
  return requireSound(await readProject(folder, world));
}
