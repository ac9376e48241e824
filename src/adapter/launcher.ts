import { existsSync } from 'node:fs';
import { moduleUrl, packageUrl } from '../kernel/place.ts';
import type { Launcher } from '../run/launcher.ts';

/**
 * The launcher of the reference system, read when it is asked for. It lies outside of the sources, beside the system:
 * an installed package holds neither. Bundles do not read it either, for its modules share none with theirs.
 */
export async function loadLauncher(): Promise<Launcher | undefined> {
  const entry = new URL('launcher/launcher.ts', packageUrl);
  if (!moduleUrl('main').pathname.endsWith('.ts') || !existsSync(entry)) return undefined;
  const { launcher } = (await import(entry.href)) as { readonly launcher: Launcher };
  return launcher;
}
