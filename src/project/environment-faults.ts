import { type Diagnostic, inFile } from '../kernel/diagnostic.ts';
import { known, member } from '../kernel/shape.ts';
import { filledFaults } from './channels.ts';
import { type Environment, unsetIn } from './environment.ts';
import { productionFaults } from './production.ts';
import { meantTarget } from './select.ts';
import type { Config } from './target.ts';
import type { Project } from './types.ts';

/** What a project defines itself that reads variables. */
type OwnParts = Partial<Pick<Project, 'channels' | 'sources'>>;

/**
 * Variables that the environment does not set: an error in the target that is meant, which cannot be used without;
 * a warning in other targets, and in channels, the heartbeat and the project's own sources, which are skipped.
 * What a variable holds is judged by the schema of a channel's own kind.
 * @param meant name of a target; the default one where absent.
 */
export function environmentFaults(
  config: Config,
  env: Environment,
  meant?: string,
  { channels: kinds = [], sources = [] }: OwnParts = {},
): readonly Diagnostic[] {
  const { targets, channels = {}, heartbeat } = config;
  const main = meantTarget(config, meant)?.name;
  const inTargets = targets.flatMap((target, index) =>
    unsetIn(target, env, `targets[${index}]`).map(({ name, path }) =>
      unset(
        target.name === main ? 'error' : 'warning',
        name,
        path,
        `the target ${target.name} cannot be used`,
      ),
    ),
  );
  const inChannels = Object.entries(channels).flatMap(([channel, found]) =>
    unsetIn(found, env, member('channels', channel)).map(({ name, path }) =>
      unset('warning', name, path, `the channel ${channel} is skipped`),
    ),
  );
  const inHeartbeat = unsetIn(heartbeat, env, 'heartbeat').map(({ name, path }) =>
    unset('warning', name, path, 'no heartbeat is sent'),
  );
  const inSources = sources.flatMap(({ name: source, read }) =>
    typeof read === 'function' || 'command' in read
      ? []
      : unsetIn(read, env, member(source, 'read')).map(({ name, path }) =>
          unset('warning', name, path, `the source ${source} is not read`),
        ),
  );
  const names = targets.map(({ name }) => name);
  // What is written out alike is reported by the configuration itself.
  const written = new Set(productionFaults(config, {}).map(({ path }) => path));
  const shared = productionFaults(config, env).filter(({ path }) => !written.has(path));
  const inConfig = inFile('siaga.config.ts', [
    ...(meant === undefined ? [] : known('target', names)(meant, '--target')),
    ...inTargets,
    ...inChannels,
    ...inHeartbeat,
    ...filledFaults(config, kinds, env),
    ...shared,
  ]);
  return [...inConfig, ...inFile('sources/', inSources)];
}

function unset(
  level: 'error' | 'warning',
  name: string,
  path: string,
  consequence: string,
): Omit<Diagnostic, 'file'> {
  return {
    level,
    path,
    message: `${name} is not set: ${consequence}`,
    allowed: 'a value in the environment',
  };
}
