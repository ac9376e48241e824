import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { postgres } from '../sources/postgres.ts';
import { redis } from '../sources/redis.ts';
import { toxiproxy } from '../sources/tools.ts';
import { provide, shownLocation } from '../../src/tools/provide.ts';
import type { ProvisionContext, Provided } from '../../src/tools/types.ts';
import { programsIn } from './places.ts';
import { claimPort } from './port.ts';
import type { Ground } from './specs.ts';
import { Starter } from './starter.ts';
import type { StartOrder, Tools } from './starter.ts';
import type { ReferenceState, UsedTool } from './state.ts';
import { defaultToggles, togglesIn } from './toggles.ts';

/**
 * Starts every part of the reference system. Either all of them run afterwards, or none.
 * @throws {SiagaError} exit 2 or 3, with the last log lines of the part that is to blame.
 */
export async function startSystem(order: StartOrder): Promise<ReferenceState> {
  const { context, places, speed } = order;
  const programs = programsIn(context.root);
  const apiPort = order.port === undefined ? undefined : await claimPort(order.port);
  const tools = await provideTools(context);
  rmSync(places.logs, { recursive: true, force: true });
  const id = randomBytes(8).toString('hex');
  const ground: Ground = {
    places,
    programs,
    id,
    owner: order.owner ?? id,
    root: context.root,
    env: context.env,
    node: process.execPath,
    compileCache: join(context.cacheDir, 'node-compile'),
  };
  return new Starter(order, ground, tools, firstState(order, id, tools, speed)).start(apiPort);
}

async function provideTools(context: ProvisionContext): Promise<Tools> {
  const [database, cache, proxies] = await Promise.all([
    provide(postgres, context),
    provide(redis, context),
    provide(toxiproxy, context),
  ]);
  return { postgres: database, redis: cache, toxiproxy: proxies };
}

function firstState(order: StartOrder, id: string, tools: Tools, speed: number): ReferenceState {
  const { env } = order.context;
  const given = env['REFERENCE_ADMIN_TOKEN'];
  const engine = Object.values(tools).find((tool) => tool.engine !== undefined)?.engine;
  return {
    schema: 1,
    phase: 'starting',
    id,
    speed,
    startedFor: order.startedFor,
    startedAt: Date.now(),
    api: '',
    toxiproxy: '',
    proxies: {},
    parts: {},
    adminToken: given || randomBytes(24).toString('hex'),
    adminTokenFrom: given ? 'environment' : 'generated',
    toggles: { ...defaultToggles, ...togglesIn(env) },
    ...(engine !== undefined && { engine }),
    tools: { postgres: used(tools.postgres), redis: used(tools.redis), toxiproxy: used(tools.toxiproxy) },
  };
}

function used(provided: Provided): UsedTool {
  const { source, version } = provided;
  return { source, version, location: shownLocation(provided) };
}
