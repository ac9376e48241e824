import { basename } from 'node:path';
import { invalidDefinitions, type Diagnostic } from '../kernel/diagnostic.ts';
import { SiagaError } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';
import { type Folder, folders, collect } from './collect.ts';
import type { ProjectFiles } from './ports.ts';
import { type ReadModule, readModules } from './read-module.ts';
import type { Project, Scenario, SoundProject } from './types.ts';
import type { Runbook } from '../runbook/types.ts';
import { validateRunbook } from '../runbook/validate.ts';
import { validateConfig } from './config-shape.ts';
import { crossFaults } from './cross.ts';
import { defaultOf } from './default-export.ts';
import type { Config } from './target.ts';

/**
 * Finds and loads what a project defines. Faults of definitions never reject: they stand in `diagnostics`, all at once.
 * @param dir the project's folder, absolute.
 * @throws {SiagaError} `no-project` (exit 2) where the folder does not exist or defines nothing.
 */
export async function loadProject(dir: string, files: ProjectFiles): Promise<Project> {
  const top = files.list(dir);
  const known = ['runbook.ts', 'siaga.config.ts'].filter((file) => top.includes(file));
  const parts = folders.flatMap((folder) => scriptsIn(dir, folder, files));
  if (known.length + parts.length === 0) throw noProject(dir, files);
  const modules = await readModules(dir, [...known, ...parts], files.within);
  const readIn = (folder: Folder): readonly ReadModule[] =>
    modules.filter(({ file }) => file.startsWith(`${folder}/`));
  const read = (file: string): ReadModule => modules.find((module) => module.file === file) ?? missing(file);
  return assemble({
    dir,
    files: modules.map(({ file }) => file),
    runbook: read('runbook.ts'),
    config: read('siaga.config.ts'),
    parts: Object.fromEntries(folders.map((folder) => [folder, readIn(folder)])),
    scenarios: scriptsIn(dir, 'scenarios', files).map((file) => scenarioOf(dir, file)),
  });
}

/**
 * The project, if nothing in it is wrong.
 * @throws {SiagaError} `invalid-definitions` (exit 2), listing every error.
 */
export function requireSound(project: Project): SoundProject {
  const error = invalidDefinitions(project.diagnostics);
  if (error !== undefined) throw error;
  return project as SoundProject;
}

// Helpers belong in folders below; tests and declarations are none of ours.
function scriptsIn(dir: string, folder: string, files: ProjectFiles): readonly string[] {
  return files
    .list(`${dir}/${folder}`)
    .filter((name) => /^[^.].*\.ts$/.test(name) && !/\.(test|test-d|spec|d)\.ts$/.test(name))
    .map((name) => `${folder}/${name}`);
}

function scenarioOf(dir: string, file: string): Scenario {
  return { name: basename(file, '.ts'), path: `${dir}/${file}` };
}

function missing(file: string): ReadModule {
  return {
    file,
    failure: {
      level: 'error',
      file,
      path: '',
      message: 'this file is missing',
      hint: 'the README shows one that can be copied',
    },
  };
}

function noProject(dir: string, files: ProjectFiles): SiagaError {
  return new SiagaError('no-project', {
    what: 'there is no Siaga project here',
    where: dir,
    got: files.exists(dir)
      ? 'a folder without runbook.ts, siaga.config.ts, checks/ and chaos/'
      : 'no such folder',
    allowed: 'a folder with runbook.ts and siaga.config.ts',
    hint: 'name the folder with -C, --project DIR',
    exitCode: exit.usage,
  });
}

/** What was read from a project's folder. */
export interface Sources {
  readonly dir: string;
  readonly runbook: ReadModule;
  readonly config: ReadModule;
  readonly parts: { readonly [F in Folder]?: readonly ReadModule[] };
  readonly scenarios: readonly Scenario[];
  /** Those that exist, in the order they were read. */
  readonly files: readonly string[];
}

/** The project that its files make, with every diagnostic of each and of all together. */
export function assemble({ dir, scenarios, files, parts, ...sources }: Sources): Project {
  const runbook = defaultOf<Runbook>(
    sources.runbook,
    validateRunbook,
    'export default { … } satisfies Runbook',
  );
  const channels = collect('channels', parts.channels ?? []);
  const config = defaultOf<Config>(
    sources.config,
    (found) => validateConfig(found, channels),
    'export default defineConfig({ … })',
  );
  const checks = collect('checks', parts.checks ?? []);
  const experiments = collect('chaos', parts.chaos ?? []);
  const ownSources = collect('sources', parts.sources ?? []);
  const faults = collect('faults', parts.faults ?? []);
  const own = [runbook, config, checks, experiments, channels, ownSources, faults].flatMap(
    ({ diagnostics }) => diagnostics,
  );
  const cross = crossFaults({ runbook, config, checks, experiments, sources: ownSources, faults, scenarios });
  return {
    dir,
    ...(runbook.value !== undefined && { runbook: runbook.value }),
    ...(config.value !== undefined && { config: config.value }),
    checks: checks.sound.map(({ value }) => value),
    experiments: experiments.sound.map(({ value }) => value),
    channels: channels.sound.map(({ value }) => value),
    sources: ownSources.sound.map(({ value }) => value),
    faults: faults.sound.map(({ file, value }) => ({ file, value })),
    scenarios,
    files,
    diagnostics: distinct([...own, ...cross]),
  };
}

// A file that cannot be loaded fails every file that imports it, each time at the same place.
function distinct(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...new Map(diagnostics.map((each) => [JSON.stringify(each), each])).values()];
}
