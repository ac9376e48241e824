import type { ReferenceStatus } from '../../src/run/launcher.ts';
import { isAlive } from '../../src/tools/process.ts';
import { whyNotReady } from './part.ts';
import type { Places } from './places.ts';
import { partNames, readState } from './state.ts';
import type { Part, PartName, ReferenceState } from './state.ts';

/** What the launcher's own files know of it beyond what everybody is told. */
export interface SystemStatus extends ReferenceStatus {
  readonly pids: Readonly<Record<PartName, number | null>>;
  readonly proxies: ReferenceState['proxies'];
  readonly dead: readonly DeadPart[];
}

/** A part that should run and does not, with what speaks against it. */
export interface DeadPart {
  readonly part: PartName | 'toxiproxy-server';
  readonly reason: string;
}

export async function statusOf(places: Places): Promise<SystemStatus> {
  const state = readState(places.state);
  return state ? describe(places, state, await deadParts(state)) : nothingRuns(places);
}

/** Looks at every process, and asks the API and Toxiproxy for an answer. */
export async function deadParts(state: ReferenceState): Promise<DeadPart[]> {
  const parts = Object.values(state.parts);
  const gone = parts.filter((part) => !isAlive(part.process));
  const mute = await Promise.all([muteApi(state.parts.api), muteServer(state)]);
  const known = new Set<string>(gone.map((part) => part.spec.name));
  return [
    ...gone.map((part) => ({ part: part.spec.name, reason: `process ${part.process.pid} is gone` })),
    ...mute.filter((dead) => dead !== undefined).filter((dead) => !known.has(dead.part)),
  ];
}

const askTimeoutMs = 2_000;

async function muteApi(api: Part | undefined): Promise<DeadPart | undefined> {
  if (!api) return { part: 'api', reason: 'it was never started' };
  if (api.spec.ready.kind !== 'http') return undefined;
  const url = api.spec.ready.url.replace('/health/ready', '/health/live');
  const reason = await whyNotReady({ kind: 'http', url }, askTimeoutMs);
  return reason === undefined ? undefined : { part: 'api', reason };
}

async function muteServer({ toxiproxy, parts }: ReferenceState): Promise<DeadPart | undefined> {
  const reason = await whyNotReady({ kind: 'http', url: `${toxiproxy}/version` }, askTimeoutMs);
  return reason === undefined
    ? undefined
    : { part: parts.toxiproxy ? 'toxiproxy' : 'toxiproxy-server', reason };
}

function describe(places: Places, state: ReferenceState, dead: readonly DeadPart[]): SystemStatus {
  const { api, toxiproxy, proxies, speed, toggles, tools, adminTokenFrom: from } = state;
  const where = from === 'environment' ? 'REFERENCE_ADMIN_TOKEN' : places.token;
  return {
    running: state.phase === 'running' && dead.length === 0,
    api,
    toxiproxy,
    admin: `${api}/admin/toggles`,
    adminToken: { from, where },
    pids: pidsOf(state.parts),
    proxies,
    logs: places.logs,
    speed,
    startedAt: new Date(state.startedAt).toISOString(),
    toggles,
    tools,
    dead,
  };
}

function nothingRuns({ logs }: Places): SystemStatus {
  const none = { api: null, toxiproxy: null, admin: null, adminToken: null, speed: null, startedAt: null };
  return { running: false, ...none, pids: pidsOf({}), proxies: {}, logs, toggles: {}, tools: {}, dead: [] };
}

function pidsOf(parts: ReferenceState['parts']): Record<PartName, number | null> {
  return Object.fromEntries(partNames.map((name) => [name, parts[name]?.process.pid ?? null])) as Record<
    PartName,
    number | null
  >;
}
