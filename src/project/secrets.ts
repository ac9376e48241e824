import { isRecord } from '../kernel/shape.ts';
import { channelSecrets } from './channels.ts';
import { type Environment, fillIn, secretsIn } from './environment.ts';
import type { Config, Target } from './target.ts';
import type { Project } from './types.ts';

/** What a project keeps secret, and the names by which its parts are known: those are never hidden. */
export interface ProjectSecrets {
  readonly values: readonly string[];
  readonly names: readonly string[];
}

/**
 * The secrets of a whole project: of every target and every channel, whichever of them is meant, because one system may
 * tell what belongs to another.
 */
export function secretsOf(project: Project, env: Environment): ProjectSecrets {
  const { config, runbook, checks, experiments, channels, sources, scenarios } = project;
  return {
    values: [
      ...(config === undefined
        ? []
        : [...configSecrets(config, env), ...channelSecrets(config, channels, env)]),
      ...sources.flatMap(({ read }) =>
        typeof read === 'function' || 'command' in read ? [] : secretsIn(read, env),
      ),
    ],
    names: [
      ...wordsIn(runbook),
      ...checks.flatMap(({ name, tags }) => [name, ...tags]),
      ...[...experiments, ...scenarios].map(({ name }) => name),
      ...channels.map(({ kind }) => kind),
      ...sources.map(({ name }) => name),
      ...(config === undefined ? [] : namesIn(config, env)),
    ],
  };
}

/** The secrets of a configuration, without what is part of a name in it. */
export function configSecrets(config: Config, env: Environment): readonly string[] {
  const names = namesIn(config, env);
  return secretsIn(config, env).filter((secret) => !names.some((name) => name.includes(secret)));
}

function namesIn({ targets, channels = {} }: Config, env: Environment): readonly string[] {
  const ofTargets = targets.flatMap((target) => {
    const { name, proxies, ...rest } = fillIn(target, env);
    return [name, ...Object.keys(proxies), ...addressesIn(rest)];
  });
  return [...ofTargets, ...Object.keys(channels)];
}

// A report says which system it is about: where a target is asked is no secret, what is added to the address is.
function addressesIn({ url, toxiproxy, toggles }: Omit<Target, 'name' | 'proxies'>): readonly string[] {
  return [url, toxiproxy, toggles?.read.url].flatMap((address) =>
    address !== undefined && URL.canParse(address) ? [new URL(address).origin] : [],
  );
}

/** Every text of plain data, names of fields included. */
function wordsIn(found: unknown): readonly string[] {
  if (typeof found === 'string') return [found];
  if (Array.isArray(found)) return found.flatMap(wordsIn);
  return isRecord(found) ? Object.entries(found).flatMap(([key, item]) => [key, ...wordsIn(item)]) : [];
}
