import { messageOf } from '../../kernel/errors.ts';
import type { ProxyState, ToxicState, Undone } from '../../chaos/ports.ts';
import type { Client } from './client.ts';

/** What is to be taken out of one proxy. */
export interface Removal {
  readonly proxy: string;
  readonly toxics: readonly string[];
  /** Whether it was us who disabled the proxy as it reads now: only then is it enabled. */
  readonly ours: (proxy: ProxyState) => boolean;
}

/**
 * Climbs until the proxy reads back clean: delete the toxics → read back → delete and recreate the proxy.
 * Never restarts the server, never resets it: others may be using it. Never rejects.
 * @param known the proxy as last seen; a wedged Toxiproxy does not tell any more.
 */
export async function heal(client: Client, removal: Removal, known: ProxyState | undefined): Promise<Undone> {
  const tried: string[] = [];
  const read = await attempt(tried, 'read', async () => ({ proxy: await client.get(removal.proxy) }));
  if (read && !read.proxy) return { done: true, rung: 'already-gone' };
  const before = read?.proxy ?? known;
  // A proxy that does not even tell its state is wedged: deleting a toxic of it would only hang again.
  const gentle = read && (await attempt(tried, 'delete toxics', () => takeOut(client, removal, read.proxy)));
  if (gentle?.done) return gentle;
  const rude = await attempt(tried, 'recreate proxy', () => recreate(client, removal, before));
  return rude?.done ? rude : { done: false, tried };
}

async function takeOut(client: Client, removal: Removal, before: ProxyState | undefined): Promise<Undone> {
  const enable = before !== undefined && removal.ours(before) && !before.enabled;
  if (enable) await client.update({ ...bare(before), enabled: true });
  const deleted = await Promise.all(removal.toxics.map((toxic) => client.deleteToxic(removal.proxy, toxic)));
  await confirm(client, removal, enable);
  if (enable) return { done: true, rung: 'proxy-enabled' };
  return { done: true, rung: deleted.some(Boolean) ? 'toxic-deleted' : 'already-gone' };
}

async function recreate(client: Client, removal: Removal, before: ProxyState | undefined): Promise<Undone> {
  if (!before) throw new Error('the proxy could not be read, so it cannot be recreated');
  await client.deleteProxy(before.name);
  const enabled = removal.ours(before) || before.enabled;
  await client.create({ ...bare(before), enabled });
  for (const toxic of foreign(before, removal)) await client.addToxic(before.name, toxic);
  await confirm(client, removal, enabled);
  return { done: true, rung: 'proxy-recreated' };
}

/** Rejects unless the proxy reads back without what was to be removed. */
async function confirm(client: Client, removal: Removal, enabled: boolean): Promise<void> {
  const after = await client.get(removal.proxy);
  const left = after?.toxics.filter(({ name }) => removal.toxics.includes(name)) ?? [];
  if (left.length > 0) throw new Error(`still there: ${left.map(({ name }) => name).join(', ')}`);
  if (enabled && after && !after.enabled) throw new Error('still disabled');
}

const foreign = (proxy: ProxyState, removal: Removal): readonly ToxicState[] =>
  proxy.toxics.filter(({ name }) => !removal.toxics.includes(name));

function bare({ name, listen, upstream, enabled }: ProxyState): Omit<ProxyState, 'toxics'> {
  return { name, listen, upstream, enabled };
}

async function attempt<T>(tried: string[], what: string, act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    tried.push(`${what}: ${messageOf(error)}`);
    return undefined;
  }
}
