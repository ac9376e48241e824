import { existsSync, lstatSync, mkdirSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { dirname } from 'node:path';

/**
 * Lets Node keep what it compiles in a folder, which is made where it is missing. What lies there is run without being
 * read again, so it has to be a folder that nobody else can write to, and not a link; nobody else can read it either.
 * Where that cannot be had, nothing is kept: the next start is slower, and that is all. Never throws.
 */
export function keepCompiled(place: () => string): void {
  try {
    const folder = place();
    make(folder);
    if (isOurs(folder)) enableCompileCache(folder);
  } catch {
    // A home that is missing or full is no reason not to start.
  }
}

// Not by `recursive`, which makes a home that is missing, and never ends where /proc refuses a folder.
function make(folder: string): void {
  const cache = dirname(folder);
  // As root the cache can be passed through, because Postgres, which refuses to be root, may lie in it.
  const mode = process.getuid?.() === 0 ? 0o711 : 0o700;
  for (const above of [dirname(cache), cache]) if (!existsSync(above)) mkdirSync(above, { mode });
  if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
}

function isOurs(folder: string): boolean {
  const own = process.getuid?.();
  const found = lstatSync(folder);
  // Windows has no owner and no mode to ask for; the user's profile is closed to others.
  return found.isDirectory() && (own === undefined || (found.uid === own && (found.mode & 0o077) === 0));
}
