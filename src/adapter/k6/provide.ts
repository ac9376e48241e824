import type { K6 } from '../../load/ports.ts';
import { provisionContext, type Surroundings } from '../../tools/context.ts';
import { k6 } from '../../tools/k6.ts';
import { provide } from '../../tools/provide.ts';
import { k6From } from './k6.ts';

/** k6 as given, found, cached or built. */
export async function provideK6(surroundings: Surroundings, hide: (text: string) => string): Promise<K6> {
  const { location: path, version, env } = await provide(k6, provisionContext(surroundings));
  return k6From({ path, version, ...(env && { env }) }, hide);
}
