import { keeperCommand, orderVariable } from '../containers/keeper.ts';
import type { ContainerOrder } from '../containers/keeper.ts';
import type { Provided } from '../../src/tools/types.ts';
import { databaseUser, disposable } from './postgres.ts';
import { cacheOnly, spec } from './specs.ts';
import type { Ground } from './specs.ts';
import type { PartName, PartSpec, Readiness } from './state.ts';

interface Contained {
  readonly command: readonly string[];
  readonly ready: Readiness;
  readonly publish?: NonNullable<ContainerOrder['publish']>;
  readonly secrets?: Readonly<Record<string, string>>;
}

/** The process of such a part is the container's keeper: it is started, watched and ended like any other. */
function contained(part: PartName, ground: Ground, tool: Provided, own: Contained): PartSpec {
  const { command, ready, publish, secrets = {} } = own;
  const order: ContainerOrder = {
    image: tool.location,
    part,
    system: ground.id,
    command,
    variables: Object.keys(secrets),
    ...(publish && { publish }),
  };
  return spec(part, ground, {
    ...keeperCommand(),
    ready,
    env: {
      ...secrets,
      DOCKER_HOST: tool.engine ?? '',
      TESTCONTAINERS_RYUK_DISABLED: 'true',
      [orderVariable]: JSON.stringify(order),
    },
  });
}

export function postgresContainer(ground: Ground, tool: Provided, port: number, password: string): PartSpec {
  return contained('postgres', ground, tool, {
    command: ['postgres', ...disposable],
    publish: { port, container: 5_432 },
    secrets: { POSTGRES_USER: databaseUser, POSTGRES_DB: 'postgres', POSTGRES_PASSWORD: password },
    ready: { kind: 'postgres', port, user: databaseUser },
  });
}

export function redisContainer(ground: Ground, tool: Provided, port: number): PartSpec {
  return contained('redis', ground, tool, {
    // It is published on loopback only, and asked through the engine's bridge.
    command: ['redis-server', '--protected-mode', 'no', ...cacheOnly],
    publish: { port, container: 6_379 },
    ready: { kind: 'redis', port },
  });
}

/** On the machine's own network: it listens for every proxy, and calls the other parts on loopback. */
export function toxiproxyContainer(ground: Ground, tool: Provided, port: number): PartSpec {
  return contained('toxiproxy', ground, tool, {
    command: ['-host', '127.0.0.1', '-port', String(port)],
    ready: { kind: 'http', url: `http://127.0.0.1:${port}/version` },
  });
}
