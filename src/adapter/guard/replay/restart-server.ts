import { parseName } from '../../../chaos/names.ts';
import type { ProxyState } from '../../../chaos/ports.ts';
import { loadLauncher } from '../../launcher.ts';
import { connect } from '../../toxiproxy/client.ts';

/**
 * Restarts the Toxiproxy of the project's reference system, and puts back the toxics of others. No other server is
 * ever restarted: this one is ours, and its launcher makes its proxies anew.
 * @returns whether it was restarted; false where this server is none of the reference system's. Never rejects.
 */
export async function restartServer(
  projectDir: string,
  url: string,
  known: readonly ProxyState[],
): Promise<boolean> {
  try {
    const launcher = await loadLauncher();
    const { toxiproxy, pids = {} } = (await launcher?.status(projectDir)) ?? {};
    if (launcher === undefined || toxiproxy !== url || !pids['toxiproxy']) return false;
    await launcher.restart({ projectDir, env: {}, progress: () => undefined }, 'toxiproxy');
    await putToxicsBack(url, known);
    return true;
  } catch {
    // What is left then is told by the next look.
    return false;
  }
}

async function putToxicsBack(url: string, known: readonly ProxyState[]): Promise<void> {
  const client = connect(url);
  const there = new Set((await client.list()).map(({ name }) => name));
  for (const { name, toxics } of known.filter((proxy) => there.has(proxy.name)))
    for (const toxic of toxics.filter((each) => !parseName(each.name))) await client.addToxic(name, toxic);
}
