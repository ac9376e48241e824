import type { K6 } from '../load/ports.ts';
import { k6 } from '../tools/k6.ts';
import { provisionContext } from '../tools/context.ts';
import { provide } from '../tools/provide.ts';
import type { Platform } from '../run/platform.ts';

/** k6 as given, found, cached or built. */
export async function provideK6(platform: Platform): Promise<K6> {
  const progress = (line: string) => platform.stderr(`${line}\n`);
  const found = await provide(k6, provisionContext({ env: platform.env, cwd: platform.cwd, progress }));
  const { location: path, version, env } = found;
  return platform.k6({ path, version, ...(env && { env }) });
}
