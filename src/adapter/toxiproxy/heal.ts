import { messageOf } from '../../kernel/errors.ts';
import type { ProxyState, ToxicState, UndoFailure, Undone } from '../../chaos/ports.ts';
import type { Client } from './client.ts';
import { isRefusal, isSilence } from './http.ts';

/** What is to be taken out of one proxy. */
export interface Removal {
  readonly proxy: string;
  readonly toxics: readonly string[];
  /** Whether it was us who disabled the proxy as it reads now: only then is it enabled. */
  readonly ours: (proxy: ProxyState) => boolean;
  /** The proxy as last seen; a wedged Toxiproxy does not tell any more. */
  readonly known: ProxyState | undefined;
}

export interface Ladder {
  /** For the first rung: may give up sooner than the other. */
  readonly gentle: Client;
  readonly client: Client;
  /** Proxies that were deleted in order to be created again, and were not yet: whatever else is absent is not ours to invent. */
  readonly deleted: Map<string, ProxyState>;
  /** Resolves once it is known elsewhere too that this proxy is about to be deleted, should this process die. */
  readonly onDelete: (proxy: ProxyState) => Promise<void>;
}

/**
 * Climbs until the proxy reads back clean: delete the toxics → read back → delete and recreate the proxy.
 * Never restarts the server, never resets it: others may be using it. Never rejects.
 */
export async function heal(ladder: Ladder, removal: Removal): Promise<Undone> {
  const tried: Failed[] = [];
  const { gentle, client, deleted } = ladder;
  const read = await attempt(tried, 'read', async () => ({ proxy: await gentle.get(removal.proxy) }));
  if (read && !read.proxy) return whereAbsent(ladder, removal, tried);
  // Somebody has put it back.
  if (read) deleted.delete(removal.proxy);
  const before = read?.proxy ?? deleted.get(removal.proxy) ?? removal.known;
  // A proxy that does not even tell its state is wedged: deleting a toxic of it would only hang again.
  const taken = read && (await attempt(tried, 'delete toxics', () => takeOut(gentle, removal, read.proxy)));
  if (taken?.done) return taken;
  const rude = await attempt(tried, 'recreate proxy', () => recreate(ladder, removal, before));
  if (rude?.done) return rude;
  return (await isGone(client)) ? { done: true, rung: 'server-gone' } : stuck(tried);
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
async function whereAbsent(ladder: Ladder, removal: Removal, tried: Failed[]): Promise<Undone> {
  const before = ladder.deleted.get(removal.proxy);
  if (!before) return { done: true, rung: 'already-gone' };
  const back = await attempt(tried, 'put back proxy', () => putBack(ladder, removal, before));
  return back ?? stuck(tried);
}

async function takeOut(client: Client, removal: Removal, before: ProxyState | undefined): Promise<Undone> {
  const enable = before !== undefined && removal.ours(before) && !before.enabled;
  if (enable) await client.update({ ...bare(before), enabled: true });
  const deleted = await Promise.all(removal.toxics.map((toxic) => client.deleteToxic(removal.proxy, toxic)));
  await confirm(client, removal, enable);
  if (enable) return { done: true, rung: 'proxy-enabled' };
  return { done: true, rung: deleted.some(Boolean) ? 'toxic-deleted' : 'already-gone' };
}

async function recreate(ladder: Ladder, removal: Removal, before: ProxyState | undefined): Promise<Undone> {
  if (!before) throw new Error('the proxy could not be read, so it cannot be recreated');
  const { client, deleted, onDelete } = ladder;
  const earlier = deleted.has(before.name);
  // First: a deletion that is never answered may happen all the same.
  deleted.set(before.name, before);
  await onDelete(before);
  const there = await client.deleteProxy(before.name);
  if (there || earlier) return putBack(ladder, removal, before);
  // The server was restarted, or somebody else removed it: nothing of ours is left, and it is not ours to make.
  deleted.delete(before.name);
  return { done: true, rung: 'already-gone' };
}

async function putBack({ client, deleted }: Ladder, removal: Removal, before: ProxyState): Promise<Undone> {
  const enabled = removal.ours(before) || before.enabled;
  const created = await client.create({ ...bare(before), enabled });
  // Where somebody was faster, the proxy and what is in it are theirs.
  if (created) for (const toxic of foreign(before, removal)) await client.addToxic(before.name, toxic);
  const after = await confirm(client, removal, enabled);
  if (!after) throw new Error('the proxy is not there');
  deleted.delete(before.name);
  return { done: true, rung: 'proxy-recreated' };
}

/** Rejects unless the proxy reads back without what was to be removed. */
async function confirm(client: Client, removal: Removal, enabled: boolean): Promise<ProxyState | undefined> {
  const after = await client.get(removal.proxy);
  const left = after?.toxics.filter(({ name }) => removal.toxics.includes(name)) ?? [];
  if (left.length > 0) throw new StillThere(`still there: ${left.map(({ name }) => name).join(', ')}`);
  if (enabled && after && !after.enabled) throw new StillThere('still disabled');
  return after;
}

const foreign = (proxy: ProxyState, removal: Removal): readonly ToxicState[] =>
  proxy.toxics.filter(({ name }) => !removal.toxics.includes(name));

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
