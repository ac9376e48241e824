import { join } from 'node:path';
import type { Environment, Provided } from '../../src/tools/types.ts';
import { homeOf } from './places.ts';
import type { Places, Programs } from './places.ts';
import { databaseUser, postgresArguments } from './postgres.ts';
import type { Cluster } from './postgres.ts';
import type { PartName, PartSpec, Proxy, ReferenceState } from './state.ts';

/** What every part is made from. */
export interface Ground {
  readonly places: Places;
  readonly programs: Programs;
  readonly root: string;
  readonly node: string;
  readonly env: Environment;
  readonly owner: string;
  /** Tells this system's processes from all others. */
  readonly id: string;
  readonly compileCache: string;
}

/** Every part carries it, with the id of its system, in its environment. */
export const mark = 'SIAGA_REFERENCE_ID';
/** And this, with the folder of its system: it finds them even where that folder was deleted. */
export const homeMark = 'SIAGA_REFERENCE_HOME';

type Own = Pick<PartSpec, 'command' | 'args' | 'ready'> &
  Partial<Pick<PartSpec, 'runAs' | 'stopSignal' | 'env'>>;

export function spec(name: PartName, ground: Ground, own: Own): PartSpec {
  const log = join(ground.places.logs, `${name}.log`);
  return {
    name,
    cwd: ground.root,
    log,
    stopSignal: 'SIGTERM',
    ...own,
    env: { ...surroundings(ground), ...own.env },
  };
}

/** Only what programs need to run at all: a part must not depend on what else its caller has set. */
export function surroundings({ env, owner, id, places }: Ground): Record<string, string> {
  const inherited = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG', 'LOG_LEVEL'].flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(inherited), SIAGA_OWNER: owner, [mark]: id, [homeMark]: homeOf(places) };
}

export function postgresSpec(ground: Ground, cluster: Cluster, port: number): PartSpec {
  return spec('postgres', ground, {
    command: cluster.postgres,
    args: postgresArguments(cluster, port),
    ready: { kind: 'postgres', port, user: databaseUser },
    // SIGTERM would wait until every client has left.
    stopSignal: 'SIGINT',
    env: { LC_ALL: 'C' },
    ...(cluster.runAs ? { runAs: cluster.runAs } : {}),
  });
}

export function redisSpec(ground: Ground, tool: Provided, port: number): PartSpec {
  return spec('redis', ground, {
    command: tool.location,
    // A changed process title would overwrite the environment in which the mark stands.
    args: ['--port', String(port), '--bind', '127.0.0.1', '--set-proc-title', 'no', ...cacheOnly],
    ready: { kind: 'redis', port },
    env: { ...tool.env },
  });
}

/** Arguments of a Redis that keeps nothing and forgets the oldest. */
export const cacheOnly: readonly string[] = [
  '--save',
  '',
  '--appendonly',
  'no',
  '--maxmemory',
  '64mb',
  '--maxmemory-policy',
  'allkeys-lru',
];

export function toxiproxySpec(ground: Ground, tool: Provided, port: number): PartSpec {
  return spec('toxiproxy', ground, {
    command: tool.location,
    args: ['-host', '127.0.0.1', '-port', String(port)],
    ready: { kind: 'http', url: `http://127.0.0.1:${port}/version` },
    env: { ...tool.env, LOG_LEVEL: 'info' },
  });
}

export function providerSpec(ground: Ground, name: 'coinapi' | 'okx', port: number): PartSpec {
  return spec(name, ground, {
    ...nodeProgram(ground, ground.programs.provider),
    ready: { kind: 'http', url: `http://127.0.0.1:${port}/health` },
    env: { ...nodeEnv(ground), PROVIDER: name, HOST: '127.0.0.1', PORT: String(port) },
  });
}

/** Addresses of what the API depends on, each behind its proxy. */
export interface Dependencies {
  readonly DATABASE_URL: string;
  readonly REDIS_URL: string;
  readonly COINAPI_URL: string;
  readonly OKX_URL: string;
}

export function apiSpec(
  ground: Ground,
  port: number,
  dependencies: Dependencies,
  state: Pick<ReferenceState, 'adminToken' | 'speed' | 'toggles'>,
): PartSpec {
  return spec('api', ground, {
    ...nodeProgram(ground, ground.programs.api),
    ready: { kind: 'http', url: `http://127.0.0.1:${port}/health/ready` },
    env: {
      ...nodeEnv(ground),
      HOST: '127.0.0.1',
      PORT: String(port),
      ...dependencies,
      REFERENCE_ADMIN_TOKEN: state.adminToken,
      REFERENCE_SPEED: String(state.speed),
      ...state.toggles,
    },
  });
}

export function seedCommand(ground: Ground, databaseUrl: string) {
  const env = { ...surroundings(ground), ...nodeEnv(ground), DATABASE_URL: databaseUrl };
  return { ...nodeProgram(ground, ground.programs.seed), env };
}

function nodeProgram({ node }: Ground, program: string): Pick<PartSpec, 'command' | 'args'> {
  return { command: node, args: ['--disable-warning=ExperimentalWarning', program] };
}

function nodeEnv({ compileCache }: Ground): Record<string, string> {
  return { NODE_COMPILE_CACHE: compileCache, NODE_ENV: 'production' };
}

/** A URL of a dependency with the address of its proxy in place of its own. */
export function through(url: string, { listen }: Proxy): string {
  const proxied = new URL(url);
  proxied.host = listen;
  return proxied.href.replace(/\/$/, '');
}
