import { createHash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { messageOf } from '../kernel/errors.ts';

/** What an entry of the cache consists of, so that damage can be seen. Written last, inside the entry. */
export interface Manifest {
  readonly version: string;
  /** Where it came from, in words. */
  readonly origin: string;
  /** The executable, relative to the entry. */
  readonly main: string;
  readonly files: readonly ManifestFile[];
}

interface ManifestFile {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly sha256: string;
}

const name = 'manifest.json';
// Hashing this much costs a few milliseconds; larger files are hashed when their size or time says so.
const cheapBytes = 4_000_000;

export async function writeManifest(folder: string, facts: Omit<Manifest, 'files'>): Promise<void> {
  const files: ManifestFile[] = [];
  for (const path of regularFiles(folder)) {
    sync(path);
    const { size, mtimeMs } = lstatSync(path);
    files.push({
      path: relative(folder, path),
      size,
      mtimeMs: Math.trunc(mtimeMs),
      sha256: await sha256(path),
    });
  }
  const path = join(folder, name);
  writeFileSync(path, `${JSON.stringify({ ...facts, files }, null, 1)}\n`);
  sync(path);
}

export type Inspection =
  | { readonly kind: 'whole'; readonly manifest: Manifest }
  | { readonly kind: 'missing' }
  | { readonly kind: 'damaged'; readonly reason: string };

/** Compares an entry with its manifest: sizes always, contents where that is cheap or something looks touched. */
export async function inspect(folder: string): Promise<Inspection> {
  if (!lstatSync(folder, { throwIfNoEntry: false })) return { kind: 'missing' };
  const manifest = readManifest(join(folder, name));
  if ('reason' in manifest) return { kind: 'damaged', reason: manifest.reason };
  for (const file of manifest.files) {
    const reason = await damageOf(join(folder, file.path), file);
    if (reason !== undefined) return { kind: 'damaged', reason };
  }
  return { kind: 'whole', manifest };
}

function readManifest(path: string): Manifest | { readonly reason: string } {
  try {
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest;
    return Array.isArray(manifest.files) ? manifest : { reason: `${name} lists no files` };
  } catch (error) {
    return { reason: `${name} cannot be read: ${messageOf(error)}` };
  }
}

async function damageOf(path: string, file: ManifestFile): Promise<string | undefined> {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat?.isFile()) return `${file.path} is missing`;
  if (stat.size !== file.size) return `${file.path} has ${stat.size} of ${file.size} bytes`;
  const untouched = Math.trunc(stat.mtimeMs) === file.mtimeMs;
  if (untouched && file.size > cheapBytes) return undefined;
  return (await sha256(path)) === file.sha256 ? undefined : `${file.path} has other contents`;
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  if (lstatSync(path).size <= cheapBytes) return hash.update(readFileSync(path)).digest('hex');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

function regularFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}
