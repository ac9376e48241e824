import type { Diagnostic } from '../kernel/diagnostic.ts';
import type { Runbook } from '../runbook/types.ts';
import { validateRunbook } from '../runbook/validate.ts';
import { collect, type Folder } from './collect.ts';
import { validateConfig } from './config-shape.ts';
import { crossFaults } from './cross.ts';
import { defaultOf } from './default-export.ts';
import type { ReadModule } from './read-module.ts';
import type { Config } from './target.ts';
import type { Project, Scenario } from './types.ts';

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
