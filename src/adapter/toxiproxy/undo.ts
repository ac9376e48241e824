import { messageOf } from '../../kernel/errors.ts';
import type { ProxyState, ToxicState, UndoFailure, Undone } from '../../chaos/ports.ts';
import type { Client } from './client.ts';
import { isRefusal, isSilence } from './http.ts';

/** What is to be undone in one proxy. */
export interface ProxyUndo {
  readonly proxy: string;
  readonly toxics: readonly string[];
  /** Whether it was us who disabled the proxy as it reads now: only then is it enabled. */
  readonly ours: (proxy: ProxyState) => boolean;
  /** The proxy as last seen; a wedged Toxiproxy does not tell any more. */
  readonly known: ProxyState | undefined;
}

export interface UndoTools {
  /** For the first step: may give up sooner than the other. */
  readonly gentle: Client;
  readonly client: Client;
  /** Proxies that were deleted in order to be created again, and were not yet: whatever else is absent is not ours to invent. */
  readonly deleted: Map<string, ProxyState>;
  /** Resolves once it is known elsewhere too that this proxy is about to be deleted, should this process die. */
  readonly onDelete: (proxy: ProxyState) => Promise<void>;
}

/**
 * Step by step until the proxy reads back undone: delete the toxics → read back → delete and recreate the proxy.
 * Never restarts the server, never resets it: others may be using it. Never rejects.
 */
export async function undoIn(tools: UndoTools, wanted: ProxyUndo): Promise<Undone> {
  const tried: Failed[] = [];
  const { gentle, client, deleted } = tools;
  const read = await attempt(tried, 'read', async () => ({ proxy: await gentle.get(wanted.proxy) }));
  if (read && !read.proxy) return whereAbsent(tools, wanted, tried);
  // Somebody has put it back.
  if (read) deleted.delete(wanted.proxy);
  const before = read?.proxy ?? deleted.get(wanted.proxy) ?? wanted.known;
  // A proxy that does not even tell its state is wedged: deleting a toxic of it would only hang again.
  const taken =
    read && (await attempt(tried, 'delete toxics', () => deleteToxics(gentle, wanted, read.proxy)));
  if (taken?.done) return taken;
  const rude = await attempt(tried, 'recreate proxy', () => recreate(tools, wanted, before));
  if (rude?.done) return rude;
  return (await isGone(client)) ? { done: true, step: 'server-gone' } : stuck(tried);
}

interface Failed {
  readonly why: UndoFailure;
  readonly said: string;
}

/** It was done, and reads back undone. */
class StillThere extends Error {}

export function failureOf(error: unknown): UndoFailure {
  if (isSilence(error)) return 'silent';
  if (isRefusal(error)) return 'refused';
  return error instanceof StillThere ? 'left' : 'other';
}

/** One answer is enough to know that somebody still answers. */
function stuck(tried: readonly Failed[]): Undone {
  const answered = tried.findLast(({ why }) => why !== 'silent');
  return { done: false, why: answered?.why ?? 'silent', tried: tried.map(({ said }) => said) };
}

const isGone = (client: Client): Promise<boolean> => client.version().then(() => false, isRefusal);

/** A proxy that is not there has no toxics. One that an earlier attempt deleted is put back, any other is its owner's. */
async function whereAbsent(tools: UndoTools, wanted: ProxyUndo, tried: Failed[]): Promise<Undone> {
  const before = tools.deleted.get(wanted.proxy);
  if (!before) return { done: true, step: 'already-gone' };
  const back = await attempt(tried, 'create proxy again', () => createAgain(tools, wanted, before));
  return back ?? stuck(tried);
}

async function deleteToxics(
  client: Client,
  wanted: ProxyUndo,
  before: ProxyState | undefined,
): Promise<Undone> {
  const enable = before !== undefined && wanted.ours(before) && !before.enabled;
  if (enable) await client.update({ ...bare(before), enabled: true });
  const deleted = await Promise.all(wanted.toxics.map((toxic) => client.deleteToxic(wanted.proxy, toxic)));
  await confirm(client, wanted, enable);
  if (enable) return { done: true, step: 'proxy-enabled' };
  return { done: true, step: deleted.some(Boolean) ? 'toxic-deleted' : 'already-gone' };
}

async function recreate(
  tools: UndoTools,
  wanted: ProxyUndo,
  before: ProxyState | undefined,
): Promise<Undone> {
  if (!before) throw new Error('the proxy could not be read, so it cannot be recreated');
  const { client, deleted, onDelete } = tools;
  const earlier = deleted.has(before.name);
  // First: a deletion that is never answered may happen all the same.
  deleted.set(before.name, before);
  await onDelete(before);
  const there = await client.deleteProxy(before.name);
  if (there || earlier) return createAgain(tools, wanted, before);
  // The server was restarted, or somebody else removed it: nothing of ours is left, and it is not ours to make.
  deleted.delete(before.name);
  return { done: true, step: 'already-gone' };
}

async function createAgain(
  { client, deleted }: UndoTools,
  wanted: ProxyUndo,
  before: ProxyState,
): Promise<Undone> {
  const enabled = wanted.ours(before) || before.enabled;
  const created = await client.create({ ...bare(before), enabled });
  // Where somebody was faster, the proxy and what is in it are theirs.
  if (created) for (const toxic of foreign(before, wanted)) await client.addToxic(before.name, toxic);
  const after = await confirm(client, wanted, enabled);
  if (!after) throw new Error('the proxy is not there');
  deleted.delete(before.name);
  return { done: true, step: 'proxy-recreated' };
}

/** Rejects unless the proxy reads back without what was to be removed. */
async function confirm(client: Client, wanted: ProxyUndo, enabled: boolean): Promise<ProxyState | undefined> {
  const after = await client.get(wanted.proxy);
  const left = after?.toxics.filter(({ name }) => wanted.toxics.includes(name)) ?? [];
  if (left.length > 0) throw new StillThere(`still there: ${left.map(({ name }) => name).join(', ')}`);
  if (enabled && after && !after.enabled) throw new StillThere('still disabled');
  return after;
}

const foreign = (proxy: ProxyState, wanted: ProxyUndo): readonly ToxicState[] =>
  proxy.toxics.filter(({ name }) => !wanted.toxics.includes(name));

function bare({ name, listen, upstream, enabled }: ProxyState): Omit<ProxyState, 'toxics'> {
  return { name, listen, upstream, enabled };
}

async function attempt<T>(tried: Failed[], what: string, act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    tried.push({ why: failureOf(error), said: `${what}: ${messageOf(error)}` });
    return undefined;
  }
}
