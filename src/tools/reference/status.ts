import { isAlive } from '../process.ts';
import { whyNotReady } from './part.ts';
import type { Places } from './places.ts';
import { partNames, readState } from './state.ts';
import type { Part, PartName, ProxyName, Proxy, ReferenceState, UsedTool } from './state.ts';

/** A part that should run and does not, with what speaks against it. */
export interface DeadPart {
  readonly part: PartName | 'toxiproxy-server';
  readonly reason: string;
}

/** What `siaga reference status --json` prints. */
export interface ReferenceStatus {
  /** Whether every part lives and the API and Toxiproxy answer. A failing dependency does not count against it. */
  readonly running: boolean;
  /** Base URL of the API. */
  readonly api: string | null;
  /** Base URL of Toxiproxy's own API. */
  readonly toxiproxy: string | null;
  /** URL on which GET reads and PATCH sets the toggles. */
  readonly admin: string | null;
  /** Where the bearer token for `admin` comes from; never the token itself. */
  readonly adminToken: { readonly from: 'environment' | 'generated'; readonly where: string } | null;
  /** Process of each part; null for one that was given by URL and is not ours. */
  readonly pids: Readonly<Record<PartName, number | null>>;
  readonly proxies: Readonly<Partial<Record<ProxyName, Proxy>>>;
  /** Folder with a log for each part. */
  readonly logs: string;
  readonly speed: number | null;
  readonly startedAt: string | null;
  /** Toggles with which the API starts next time. */
  readonly toggles: Readonly<Record<string, string>>;
  readonly tools: Readonly<Partial<Record<'postgres' | 'redis' | 'toxiproxy', UsedTool>>>;
  readonly dead: readonly DeadPart[];
}

export async function statusOf(places: Places): Promise<ReferenceStatus> {
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

function describe(places: Places, state: ReferenceState, dead: readonly DeadPart[]): ReferenceStatus {
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

function nothingRuns({ logs }: Places): ReferenceStatus {
  const none = { api: null, toxiproxy: null, admin: null, adminToken: null, speed: null, startedAt: null };
  return { running: false, ...none, pids: pidsOf({}), proxies: {}, logs, toggles: {}, tools: {}, dead: [] };
}

function pidsOf(parts: ReferenceState['parts']): Record<PartName, number | null> {
  return Object.fromEntries(partNames.map((name) => [name, parts[name]?.process.pid ?? null])) as Record<
    PartName,
    number | null
  >;
}
