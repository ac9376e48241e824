import { resolve } from 'node:path';
import { invalidDefinitions } from '../kernel/diagnostic.ts';
import { loadProject, requireSound } from '../project/load.ts';
import { secretsOf } from '../project/secrets.ts';
import { meantTarget } from '../project/select.ts';
import type { Project, SoundProject } from '../project/types.ts';
import type { RunFlags } from './flags.ts';
import { samplingFaults } from './sampling-plan.ts';
import type { Platform } from './platform.ts';

type ProjectWorld = Pick<Platform, 'cwd' | 'env' | 'projectFiles' | 'secrets' | 'interrupted'>;

/**
 * The project in a folder. What is secret in its configuration is hidden from then on in everything that this process
 * writes.
 * @throws {SiagaError} as `loadProject` does, and rejects where the command was interrupted meanwhile.
 */
export async function readProject(folder: string, platform: ProjectWorld): Promise<Project> {
  const project = await loadProject(resolve(platform.cwd, folder), platform.projectFiles);
  platform.interrupted.throwIfAborted();
  const { values, names } = secretsOf(project, platform.env);
  platform.secrets.keep(values, names);
  return project;
}

/**
 * As `readProject`, if nothing in it is wrong.
 * @throws {SiagaError} `invalid-definitions` (exit 2), listing every error.
 */
export async function soundProject(folder: string, platform: ProjectWorld): Promise<SoundProject> {
  return requireSound(await readProject(folder, platform));
}

/**
 * As `soundProject`, for a command that measures: what `siaga validate` refuses of the plan of sampling is refused here.
 * @throws {SiagaError} `invalid-definitions` (exit 2), listing every error.
 */
export async function plannedProject(
  { project: folder, target, speed = 1 }: Pick<RunFlags, 'project' | 'target' | 'speed'>,
  platform: ProjectWorld,
): Promise<SoundProject> {
  const project = await soundProject(folder, platform);
  const faults = samplingFaults(project, meantTarget(project.config, target), speed);
  const refusal = invalidDefinitions(faults);
  if (refusal !== undefined) throw refusal;
  return project;
}
