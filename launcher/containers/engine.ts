import { join } from 'node:path';
import { messageOf } from '../../src/kernel/errors.ts';
import { ask } from '../../src/tools/http.ts';
import type { Reply } from '../../src/tools/http.ts';
import type { Environment } from '../../src/tools/types.ts';

/** A Docker engine that answers. */
export interface Engine {
  /** As `DOCKER_HOST` has it: `unix:///var/run/docker.sock`. */
  readonly address: string;
  readonly version: string;
  /** Why a container on the engine's own network does not share this machine's loopback; `undefined` where it does. */
  readonly apart?: string;
}

export type EngineLook =
  | { readonly ok: true; readonly engine: Engine }
  | { readonly ok: false; readonly reason: string };

const askMs = 3_000;

/** Looks for an engine: at `DOCKER_HOST`, else at the sockets where Docker and its desktop editions listen. */
export async function findEngine(env: Environment): Promise<EngineLook> {
  const reasons: string[] = [];
  for (const address of addressesIn(env)) {
    const look = await lookAt(address);
    if (look.ok) return look;
    reasons.push(`${address} (${look.reason})`);
  }
  return { ok: false, reason: `no Docker engine answers at ${reasons.join(', ')}` };
}

function addressesIn(env: Environment): string[] {
  if (env['DOCKER_HOST']) return [env['DOCKER_HOST']];
  const { HOME, XDG_RUNTIME_DIR } = env;
  const sockets = [
    '/var/run/docker.sock',
    ...(XDG_RUNTIME_DIR ? [join(XDG_RUNTIME_DIR, 'docker.sock')] : []),
    ...(HOME ? [join(HOME, '.docker/run/docker.sock'), join(HOME, '.docker/desktop/docker.sock')] : []),
  ];
  return sockets.map((socket) => `unix://${socket}`);
}

async function lookAt(address: string): Promise<EngineLook> {
  const away = whyAway(address);
  if (away !== undefined) return { ok: false, reason: away };
  try {
    const info = parsed(await askEngine(address, '/info'));
    const version = info['ServerVersion'];
    if (typeof version !== 'string') return { ok: false, reason: 'it does not answer as Docker does' };
    const apart = whyApart(info);
    return { ok: true, engine: { address, version, ...(apart !== undefined && { apart }) } };
  } catch (error) {
    return { ok: false, reason: messageOf(error) };
  }
}

// What a container publishes would be published there, not here.
function whyAway(address: string): string | undefined {
  const url = URL.parse(address);
  if (url?.protocol === 'unix:') return undefined;
  if (url?.protocol !== 'tcp:') return 'only unix:// and tcp:// are understood';
  return /^(127\.|localhost$|\[::1\]$)/.test(url.hostname) ? undefined : 'it is on another machine';
}

function whyApart(info: Readonly<Record<string, unknown>>): string | undefined {
  if (String(info['OperatingSystem']).includes('Docker Desktop'))
    return 'Docker Desktop has a network of its own';
  const options = Array.isArray(info['SecurityOptions']) ? info['SecurityOptions'] : [];
  return options.includes('name=rootless') ? 'a rootless Docker has a network of its own' : undefined;
}

/** @throws where the engine does not answer, or not with success. */
export async function hasImage(address: string, image: string): Promise<boolean> {
  const { status } = await askEngine(address, `/images/${image}/json`, { accept: [200, 404] });
  return status === 200;
}

const removeMs = 10_000;

/**
 * Kills and removes every container that bears all of these labels, with its anonymous volumes.
 * @throws where the engine does not answer, or one is still there after ten seconds.
 */
export async function removeContainers(address: string, labels: Labels): Promise<void> {
  const deadline = performance.now() + removeMs;
  for (;;) {
    const ids = await containersWith(address, labels);
    if (ids.length === 0) return;
    if (performance.now() > deadline) throw new Error(`containers are still there: ${ids.join(', ')}`);
    await Promise.all(ids.map((id) => askEngine(address, `/containers/${id}?force=1&v=1`, gone)));
  }
}

// One that is not there, or that somebody else is removing, is fine.
const gone = { method: 'DELETE', accept: [204, 404, 409], timeoutMs: removeMs };

type Labels = Readonly<Record<string, string>>;

export async function containersWith(address: string, labels: Labels): Promise<readonly string[]> {
  const label = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  const query = new URLSearchParams({ all: '1', filters: JSON.stringify({ label }) });
  const { body } = await askEngine(address, `/containers/json?${query}`);
  return (JSON.parse(body) as { readonly Id: string }[]).map(({ Id }) => Id);
}

interface EngineAsk {
  readonly method?: string;
  readonly accept?: readonly number[];
  readonly timeoutMs?: number;
}

async function askEngine(
  address: string,
  path: string,
  { method = 'GET', accept = [200], timeoutMs = askMs }: EngineAsk = {},
): Promise<Reply> {
  const { protocol, host, pathname } = new URL(address);
  const url = `http://${protocol === 'unix:' ? 'docker' : host}${path}`;
  const socketPath = protocol === 'unix:' ? decodeURIComponent(pathname) : undefined;
  const reply = await ask(url, { method, timeoutMs, socketPath });
  if (accept.includes(reply.status)) return reply;
  throw new Error(`${method} ${path} answered ${reply.status} ${reply.body.trim().slice(0, 200)}`);
}

function parsed({ body }: Reply): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(body) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}
