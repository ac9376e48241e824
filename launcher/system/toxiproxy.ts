import { SiagaError } from '../../src/kernel/errors.ts';
import { exit } from '../../src/kernel/exit.ts';
import { ask } from '../../src/tools/http.ts';
import type { Proxy } from './state.ts';

/**
 * Creates a proxy and returns where it listens.
 * @throws {SiagaError} `proxy-refused` (exit 3), also where a proxy of that name exists already.
 */
export async function createProxy(server: string, name: string, { listen, upstream }: Proxy): Promise<Proxy> {
  const json = { name, listen, upstream, enabled: true };
  const reply = await ask(`${server}/proxies`, { method: 'POST', json, timeoutMs: 3_000 });
  const actual = reply.status === 201 ? readProxy(reply.body)?.listen : undefined;
  if (actual !== undefined) return { listen: actual, upstream };
  throw new SiagaError('proxy-refused', {
    what: `Toxiproxy did not create the proxy ${name}`,
    where: `${server}/proxies`,
    got: `${reply.status} ${reply.body.trim().slice(0, 200)}`,
    hint: reply.status === 409 ? 'this Toxiproxy serves another system; start one of its own' : 'see its log',
    exitCode: exit.inconclusive,
  });
}

/**
 * As `createProxy`, but content with one that is the same already: an undo may have put it back a moment ago.
 * @throws {SiagaError} `proxy-refused` (exit 3).
 */
export async function ensureProxy(server: string, name: string, proxy: Proxy): Promise<void> {
  try {
    await createProxy(server, name, proxy);
  } catch (error) {
    const { body } = await ask(`${server}/proxies/${encodeURIComponent(name)}`, { timeoutMs: 3_000 });
    const there = readProxy(body);
    if (there?.listen !== proxy.listen || there.upstream !== proxy.upstream) throw error;
  }
}

/** Deletes a proxy; one that is not there is fine. */
export async function deleteProxy(server: string, name: string): Promise<void> {
  await ask(`${server}/proxies/${encodeURIComponent(name)}`, { method: 'DELETE', timeoutMs: 3_000 });
}

function readProxy(body: string): Partial<Proxy> | undefined {
  const parsed: unknown = JSON.parse(body);
  return typeof parsed === 'object' && parsed !== null ? parsed : undefined;
}
