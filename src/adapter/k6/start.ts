import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { messageOf, SiagaError } from '../../kernel/errors.ts';
import { exit } from '../../kernel/exit.ts';
import type { K6End, K6Run, Launch } from '../../load/ports.ts';
import { cpuSeconds, cpuWaits, isHeld } from './cpu-seconds.ts';
import { entryModule, frontModule } from './front.ts';
import { kill, spawnK6, type K6Child } from './process.ts';
import type { PointHider } from './hide-points.ts';
import { RawPoints } from './raw-points.ts';
import { request } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';

const patienceMs = 3_000;
const attempts = 3;
const portTaken = 106;

/**
 * Starts `k6 run`, its raw points on a pipe: k6 dies with us, whatever happens.
 * @throws {SiagaError} `run-folder-unwritable`, `k6-not-started` (exit 3)
 */
export async function start(path: string, launch: Launch, hide: PointHider): Promise<K6Run> {
  const k6 = new Running({ path, launch, hide }, prepare(launch));
  await k6.begin();
  return k6;
}

function prepare({ folder, name }: Launch): RawPoints {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // Without one k6 reads whatever lies in the home folder.
    writeFileSync(fileOf(folder, name, 'json'), '{}\n', { mode: 0o600 });
    writeFileSync(fileOf(folder, name, 'js'), frontModule, { mode: 0o600 });
    return new RawPoints(folder, name);
  } catch (cause) {
    throw new SiagaError('run-folder-unwritable', {
      what: 'the folder of this run cannot be written',
      where: folder,
      got: messageOf(cause),
      hint: 'choose another with --output',
      exitCode: exit.inconclusive,
      cause,
    });
  }
}

function fileOf(folder: string, name: string, kind: 'json' | 'js'): string {
  return join(folder, `${name}.k6.${kind}`);
}

function entryOf({ folder, name, script, functions }: Launch): string {
  const front = pathToFileURL(fileOf(folder, name, 'js')).href;
  return entryModule({ front, script: pathToFileURL(script).href, functions, folder: process.cwd() });
}

interface Started {
  readonly path: string;
  readonly launch: Launch;
  readonly hide: PointHider;
}

class Running implements K6Run {
  readonly cores = availableParallelism();
  readonly ended: Promise<K6End>;
  readonly #path: string;
  readonly #launch: Launch;
  readonly #hide: PointHider;
  readonly #raw: RawPoints;
  readonly #end = Promise.withResolvers<K6End>();
  #child: K6Child | undefined;
  #port = 0;
  #stopping = false;
  #gone = false;

  constructor({ path, launch, hide }: Started, raw: RawPoints) {
    this.#path = path;
    this.#launch = launch;
    this.#hide = hide;
    this.#raw = raw;
    this.ended = this.#end.promise;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  cpuSeconds(): number | undefined {
    return cpuSeconds(this.pid);
  }

  cpuWaits(): ReadonlyMap<number, number> | undefined {
    return cpuWaits(this.pid);
  }

  held(): boolean {
    return isHeld(this.pid);
  }

  async begin(): Promise<void> {
    try {
      await this.#spawn();
    } catch (error) {
      await this.#raw.close();
      throw error;
    }
    void this.#follow();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    // Its port may be somebody else's by now.
    if (this.#gone) return;
    const gone = this.ended.then(() => true);
    if (!(await stopOverRest(this.#port))) kill(this.#child, 'SIGTERM');
    if (await Promise.race([gone, delay(patienceMs, false, { ref: false })])) return;
    kill(this.#child, 'SIGKILL');
    await gone;
  }

  async #spawn(): Promise<void> {
    this.#port = await freePort();
    const args = argumentsOf(this.#launch, this.#port);
    this.#child = await spawnK6(
      { path: this.#path, args, hide: this.#hide, entry: entryOf(this.#launch) },
      this.#launch,
      this.#raw,
    );
  }

  // A free port may be taken by somebody else before k6 has it.
  async #follow(): Promise<void> {
    for (let left = attempts - 1; ; left--) {
      const how = await this.#child?.closed;
      if (how?.code !== portTaken || left === 0 || this.#stopping) {
        this.#gone = true;
        const kept = await this.#raw.close();
        return this.#end.resolve({ code: how?.code ?? null, signal: how?.signal ?? null, ...kept });
      }
      await this.#spawn().catch(() => {});
    }
  }
}

function argumentsOf(launch: Launch, port: number): string[] {
  return [
    'run',
    `--config=${fileOf(launch.folder, launch.name, 'json')}`,
    `--address=127.0.0.1:${port}`,
    '--out=json=-',
    '--quiet',
    '--no-color',
    '--log-output=stderr',
    '--log-format=json',
    `--system-tags=${launch.systemTags.join(',')}`,
    `--rps=${launch.rps}`,
    // From its standard input: the script itself, behind a module of ours.
    '-',
  ];
}

/** A loopback port that is free now; somebody may take it before it is used. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const boundMs = 1_000;
const body = JSON.stringify({ data: { type: 'status', id: 'default', attributes: { stopped: true } } });

/** Asks a running k6 to end at once. `false` where it does not answer in a second. */
export function stopOverRest(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asking = request(
      {
        host: '127.0.0.1',
        port,
        path: '/v1/status',
        method: 'PATCH',
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
        signal: AbortSignal.timeout(boundMs),
      },
      (response) => {
        response.on('error', () => resolve(false)).resume();
        resolve(response.statusCode === 200);
      },
    );
    asking.on('error', () => resolve(false));
    asking.end(body);
  });
}
