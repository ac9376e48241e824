import { suggest, nearest } from '../kernel/nearest.ts';
import { SiagaError } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';
import { urlSecrets, withoutUserinfo } from '../kernel/redact.ts';
import { hasUserinfo, isHttp } from './url-shape.ts';
import { type Environment, fillIn, unsetIn } from './environment.ts';
import { placeOf, productionFaults } from './production.ts';
import { configSecrets } from './secrets.ts';
import type { Config, Target } from './target.ts';

/** A target with its variables filled in. */
export interface SelectedTarget {
  readonly target: Target;
  /** Whether it is the reference system of the checkout, which a command starts where none runs. */
  readonly isReference: boolean;
  /** The API's base URL, as far as it is known: `SIAGA_TARGET_URL`, else the target's own. Absent for a reference system that has yet to say. */
  readonly address?: string;
  /** What its runs and incidents belong to: its name, and the address where `SIAGA_TARGET_URL` gives another than its own, for that is another system. */
  readonly called: string;
  /** That address, without user, password and query. */
  readonly moved?: string;
  /** Values of the whole configuration that must never be shown: another target's may come back from this one. */
  readonly secrets: readonly string[];
}

/**
 * The target of a name, or the default one.
 * @throws {SiagaError} `unknown-target`, `no-default-target`, `unset-variable`, `bad-url`, `production-shared` (all exit 2)
 */
export function selectTarget(config: Config, name: string | undefined, env: Environment): SelectedTarget {
  const found = find(config, name);
  requireSet(found, env);
  const filled = fillIn(found, env);
  const isReference = filled.url === 'reference';
  const override = env['SIAGA_TARGET_URL'];
  if (override) requireUrl(override, 'SIAGA_TARGET_URL');
  else if (!isReference) requireUrl(filled.url, `the url of target ${filled.name}`);
  if (filled.toxiproxy !== undefined) requireToxiproxy(filled.toxiproxy, filled.name);
  const address = override || (isReference ? undefined : filled.url);
  requireApart(config, found, { ...filled, url: address ?? filled.url }, env);
  const moved = override && placeOf(override) !== placeOf(filled.url) ? bare(override) : undefined;
  const target = moved === undefined ? filled : togglesMoved(filled, moved);
  return {
    target,
    isReference,
    ...(address !== undefined && { address: address.replace(/\/+$/, '') }),
    // A reference system is one of this checkout, wherever it is asked.
    called: moved === undefined || isReference ? target.name : `${target.name} (${moved})`,
    ...(moved !== undefined && { moved }),
    secrets: [...configSecrets(config, env), ...urlSecrets(override ?? '')],
  };
}

function bare(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname.replace(/\/+$/, '')}`;
}

// Toggles that are read at the target's own address are those of the system at the other one.
function togglesMoved(target: Target, moved: string): Target {
  const { toggles, url } = target;
  if (toggles === undefined || URL.parse(toggles.read.url)?.origin !== URL.parse(url)?.origin) return target;
  const { pathname, search } = new URL(toggles.read.url);
  const read = { ...toggles.read, url: `${new URL(moved).origin}${pathname}${search}` };
  return { ...target, toggles: { ...toggles, read } };
}

function requireToxiproxy(url: string, name: string): void {
  const where = `the toxiproxy of target ${name}`;
  if (!hasUserinfo(url)) return requireUrl(url, where);
  throw new SiagaError('bad-url', {
    what: 'the address of a Toxiproxy holds no user and password',
    where,
    got: withoutUserinfo(url),
    allowed: 'its plain HTTP address, such as http://127.0.0.1:8474',
    exitCode: exit.usage,
  });
}

// By variables, too, a target may come to lie where production lies.
function requireApart(config: Config, found: Target, filled: Target, env: Environment): void {
  const targets = config.targets.map((target) => (target === found ? filled : target));
  const index = config.targets.indexOf(found);
  const fault = productionFaults({ targets }, env).find(({ path }) => path.startsWith(`targets[${index}].`));
  if (fault === undefined) return;
  throw new SiagaError('production-shared', {
    what: fault.message,
    where: `siaga.config.ts, target ${found.name}, ${fault.path.split('.').at(-1) ?? ''}`,
    ...(fault.got !== undefined && { got: fault.got }),
    ...(fault.allowed !== undefined && { allowed: fault.allowed }),
    exitCode: exit.usage,
  });
}

/** The target that is meant by a name, or without one; `undefined` where none is. */
export function meantTarget(config: Config, name: string | undefined): Target | undefined {
  const wanted = nameMeant(config, name);
  return config.targets.find((target) => target.name === wanted);
}

function nameMeant({ targets, defaultTarget }: Config, name: string | undefined): string | undefined {
  return name ?? defaultTarget ?? (targets.length === 1 ? targets[0]?.name : undefined);
}

function find(config: Config, name: string | undefined): Target {
  const wanted = nameMeant(config, name);
  const names = config.targets.map((target) => target.name);
  if (wanted === undefined) {
    throw new SiagaError('no-default-target', {
      what: 'there are several targets and none is the default',
      allowed: names.join(', '),
      hint: 'name one with --target, or set defaultTarget in siaga.config.ts',
      exitCode: exit.usage,
    });
  }
  const found = meantTarget(config, name);
  if (found !== undefined) return found;
  throw new SiagaError('unknown-target', {
    what: 'there is no such target',
    where: name === undefined ? 'siaga.config.ts, defaultTarget' : '--target',
    got: wanted,
    ...suggest(nearest(wanted, names), names),
    exitCode: exit.usage,
  });
}

function requireSet(target: Target, env: Environment): void {
  const unset = [...new Set(unsetIn(target, env).map(({ name, path }) => `${name} (${path})`))];
  if (unset.length === 0) return;
  throw new SiagaError('unset-variable', {
    what: `the target ${target.name} needs environment variables that are not set`,
    where: 'siaga.config.ts',
    got: `nothing in ${unset.join(', ')}`,
    allowed: 'a value in the environment; $$ for a dollar sign that is none',
    exitCode: exit.usage,
  });
}

function requireUrl(url: string, where: string): void {
  if (isHttp(url)) return;
  throw new SiagaError('bad-url', {
    what: 'this is not an address',
    where,
    got: withoutSecrets(url),
    allowed: 'an http or https URL such as http://127.0.0.1:3000',
    exitCode: exit.usage,
  });
}

// A URL that is none may still hold a password or a token.
function withoutSecrets(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//…@').replace(/\?.*$/s, '?…');
}
