import { readFileSync } from 'node:fs';
import { packageUrl } from '../kernel/place.ts';

/** The version of this checkout or package. */
export function readVersion(): string {
  const manifest = readFileSync(new URL('package.json', packageUrl), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
