import type { K6 } from '../load/ports.ts';
import { provisionContext } from '../provision/context.ts';
import { provide } from '../provision/provide.ts';
import type { World } from './world.ts';

/** k6 as given, found, cached or built. */
export async function provideK6(world: World): Promise<K6> {
  const progress = (line: string) => world.stderr(`${line}\n`);
  const found = await provide('k6', provisionContext({ env: world.env, cwd: world.cwd, progress }));
  const { location: path, version, env } = found;
  return world.k6({ path, version, ...(env && { env }) });
}
