import { type Diagnostic, inFile } from '../kernel/diagnostic.ts';
import { known, member } from '../kernel/shape.ts';
import type { AnyChannelKind } from '../notify/channel.ts';
import { filledFaults } from './channels.ts';
import { type Environment, unsetIn } from './environment.ts';
import { productionFaults } from './production.ts';
import { meantTarget } from './select.ts';
import type { Config } from './target.ts';

/**
 * Variables that the environment does not set: an error in the target that is meant, which cannot be used without;
 * a warning in other targets, and in channels and the heartbeat, which are skipped.
 * What a variable holds is judged by the schema of a channel's own kind.
 * @param meant name of a target; the default one where absent.
 */
export function environmentFaults(
  config: Config,
  env: Environment,
  meant?: string,
  kinds: readonly AnyChannelKind[] = [],
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
  const names = targets.map(({ name }) => name);
  // What is written out alike is told by the configuration itself.
  const written = new Set(productionFaults(config, {}).map(({ path }) => path));
  const shared = productionFaults(config, env).filter(({ path }) => !written.has(path));
  return inFile('siaga.config.ts', [
    ...(meant === undefined ? [] : known('target', names)(meant, '--target')),
    ...inTargets,
    ...inChannels,
    ...inHeartbeat,
    ...filledFaults(config, kinds, env),
    ...shared,
  ]);
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
