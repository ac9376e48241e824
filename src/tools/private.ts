import { mkdirSync } from 'node:fs';

/**
 * Creates a folder for its owner alone, and what is missing above it, whatever the umask. As root it may be passed
 * through, not listed: Postgres, which refuses to be root, lies below it.
 */
export function makePrivateFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
}
