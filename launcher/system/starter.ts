import { randomBytes } from 'node:crypto';
import { SiagaError } from '../../src/kernel/errors.ts';
import { exit } from '../../src/kernel/exit.ts';
import { readGivenUrl } from '../sources/given-url.ts';
import { failureOf, run, succeeded } from '../../src/tools/run.ts';
import type { ProvisionContext, Provided } from '../../src/tools/types.ts';
import { startPart } from './part.ts';
import type { OnSpawn } from '../../src/run/launcher.ts';
import type { Places } from './places.ts';
import { freePort } from './port.ts';
import { databaseUser, prepareCluster } from './postgres.ts';
import {
  apiSpec,
  postgresSpec,
  providerSpec,
  redisSpec,
  seedCommand,
  surroundings,
  through,
  toxiproxySpec,
} from './specs.ts';
import type { Ground } from './specs.ts';
import { postgresContainer, redisContainer, toxiproxyContainer } from './specs-containers.ts';
import { writePrivately, writeState } from './state.ts';
import type { PartSpec, ProxyName, ReferenceState } from './state.ts';
import { stopAll } from './stop.ts';
import { createProxy } from './toxiproxy.ts';
import { printed } from '../../src/kernel/printed.ts';

export interface StartOrder {
  readonly places: Places;
  readonly context: ProvisionContext;
  /** How much faster than the runbook says its windows pass, 1 to 30. */
  readonly speed: number;
  /** Port of the API; a free one where absent. */
  readonly port?: number | undefined;
  readonly startedFor: ReferenceState['startedFor'];
  readonly owner?: string | undefined;
  readonly onSpawn: OnSpawn;
  readonly signal: AbortSignal;
}

export type Tools = Readonly<Record<'postgres' | 'redis' | 'toxiproxy', Provided>>;

const partTimeoutMs = 20_000;
// The first start of an image unpacks it, and a database is created in it.
const containerTimeoutMs = 90_000;

/** One start. It writes down every part the moment it exists, so that a later run can stop what this one left. */
export class Starter {
  readonly #order: StartOrder;
  readonly #ground: Ground;
  readonly #tools: Tools;
  readonly #ports = new Set<number>();
  readonly #failure = new AbortController();
  #state: ReferenceState;

  constructor(order: StartOrder, ground: Ground, tools: Tools, state: ReferenceState) {
    this.#order = order;
    this.#ground = ground;
    this.#tools = tools;
    this.#state = state;
  }

  async start(apiPort: number | undefined): Promise<ReferenceState> {
    const { places, context } = this.#order;
    try {
      const port = apiPort ?? (await freePort(this.#ports));
      this.#ports.add(port);
      this.#write({ api: `http://127.0.0.1:${port}` });
      await this.#startParts(port);
      this.#write({ phase: 'running' });
      if (this.#state.adminTokenFrom === 'generated')
        writePrivately(places.token, `${this.#state.adminToken}\n`);
      return this.#state;
    } catch (error) {
      context.progress('reference: the start failed, stopping what was started');
      await stopAll(places, this.#state);
      this.#order.signal.throwIfAborted();
      throw error;
    }
  }

  async #startParts(apiPort: number): Promise<void> {
    const [database, redis, coinapi, okx, server] = await this.#all([
      this.#database(),
      this.#redis(),
      this.#provider('coinapi'),
      this.#provider('okx'),
      this.#toxiproxy(),
    ]);
    const [DATABASE_URL, REDIS_URL, COINAPI_URL, OKX_URL] = await this.#all([
      this.#proxied(server, 'postgres', database, 5_432),
      this.#proxied(server, 'redis', redis, 6_379),
      this.#proxied(server, 'coinapi', coinapi, 80),
      this.#proxied(server, 'okx', okx, 80),
    ]);
    const dependencies = { DATABASE_URL, REDIS_URL, COINAPI_URL, OKX_URL };
    await this.#part(apiSpec(this.#ground, apiPort, dependencies, this.#state));
  }

  // The first failure ends the waiting of all others, and nothing is left half started behind its back.
  async #all<const T extends readonly Promise<string>[]>(work: T): Promise<{ [K in keyof T]: string }> {
    const watched = work.map(async (one) => {
      try {
        return await one;
      } catch (error) {
        this.#failure.abort(error);
        throw error;
      }
    });
    await Promise.allSettled(watched);
    if (this.#failure.signal.aborted) throw this.#failure.signal.reason;
    return (await Promise.all(watched)) as { [K in keyof T]: string };
  }

  async #database(): Promise<string> {
    const tool = this.#tools.postgres;
    if (isUrl(tool)) return this.#seed(tool.location);
    if (tool.engine !== undefined) return this.#seed(await this.#databaseContainer(tool));
    const { places, context } = this.#order;
    const cluster = await prepareCluster({
      tool,
      stateFolder: places.folder,
      progress: context.progress,
      env: surroundings(this.#ground),
      onFolder: (disposable) => this.#write({ disposable }),
    });
    const port = await freePort(this.#ports);
    await this.#part(postgresSpec(this.#ground, cluster, port));
    return this.#seed(`postgres://${databaseUser}:${cluster.password}@127.0.0.1:${port}/postgres`);
  }

  async #databaseContainer(tool: Provided): Promise<string> {
    const port = await freePort(this.#ports);
    const password = randomBytes(18).toString('hex');
    await this.#part(postgresContainer(this.#ground, tool, port, password), containerTimeoutMs);
    return `postgres://${databaseUser}:${password}@127.0.0.1:${port}/postgres`;
  }

  async #redis(): Promise<string> {
    const tool = this.#tools.redis;
    if (isUrl(tool)) return tool.location;
    const port = await freePort(this.#ports);
    await (tool.engine === undefined
      ? this.#part(redisSpec(this.#ground, tool, port))
      : this.#part(redisContainer(this.#ground, tool, port), containerTimeoutMs));
    return `redis://127.0.0.1:${port}`;
  }

  async #toxiproxy(): Promise<string> {
    const tool = this.#tools.toxiproxy;
    if (!isUrl(tool)) {
      const port = await freePort(this.#ports);
      await (tool.engine === undefined
        ? this.#part(toxiproxySpec(this.#ground, tool, port))
        : this.#part(toxiproxyContainer(this.#ground, tool, port), containerTimeoutMs));
      return this.#server(`http://127.0.0.1:${port}`);
    }
    return this.#server(tool.location);
  }

  #server(toxiproxy: string): string {
    this.#write({ toxiproxy });
    return toxiproxy;
  }

  async #provider(name: 'coinapi' | 'okx'): Promise<string> {
    const port = await freePort(this.#ports);
    await this.#part(providerSpec(this.#ground, name, port));
    return `http://127.0.0.1:${port}`;
  }

  async #part(spec: PartSpec, timeoutMs = partTimeoutMs): Promise<void> {
    const { onSpawn, signal, context } = this.#order;
    const started = performance.now();
    await startPart(spec, {
      onSpawn,
      onStarted: (part) => this.#write({ parts: { ...this.#state.parts, [spec.name]: part } }),
      timeoutMs,
      hint: `read the whole log, then run ${printed('reference up')} again`,
      signal: AbortSignal.any([signal, this.#failure.signal]),
    });
    context.progress(`reference: ${spec.name} is ready after ${Math.round(performance.now() - started)} ms`);
  }

  async #proxied(server: string, name: ProxyName, url: string, defaultPort: number): Promise<string> {
    const { address } = readGivenUrl(name, url, [new URL(url).protocol], defaultPort);
    const upstream = `${address.host}:${address.port}`;
    const listen = `127.0.0.1:${await freePort(this.#ports)}`;
    const proxy = await createProxy(server, name, { listen, upstream });
    this.#write({ proxies: { ...this.#state.proxies, [name]: proxy } });
    return through(url, proxy);
  }

  async #seed(databaseUrl: string): Promise<string> {
    const { command, args, env } = seedCommand(this.#ground, databaseUrl);
    const { signal } = this.#order;
    const started = performance.now();
    const result = await run(command, args, { env, cwd: this.#ground.root, timeoutMs: 60_000, signal });
    if (!succeeded(result)) throw seedFailed(failureOf(result).replaceAll(databaseUrl, '***'));
    this.#order.context.progress(
      `reference: database seeded in ${Math.round(performance.now() - started)} ms`,
    );
    return databaseUrl;
  }

  #write(change: Partial<ReferenceState>): void {
    this.#state = { ...this.#state, ...change };
    writeState(this.#order.places.state, this.#state);
  }
}

function isUrl({ location }: Provided): boolean {
  return /^[a-z]+:\/\//.test(location);
}

function seedFailed(got: string): SiagaError {
  return new SiagaError('reference-seed-failed', {
    what: 'the database could not be filled with trades',
    where: 'reference/seed.ts',
    got,
    exitCode: exit.inconclusive,
  });
}
