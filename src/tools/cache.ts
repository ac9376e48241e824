import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SiagaError, messageOf } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';
import { withLock } from './lock.ts';
import { inspect, writeManifest } from './manifest.ts';
import type { Inspection } from './manifest.ts';
import { absent } from './types.ts';
import type { Found, Look, ProvisionContext } from './types.ts';

/** A folder of the cache that holds one tool. */
export interface Entry {
  readonly tool: string;
  /** Name of the folder: tool, version, platform. */
  readonly name: string;
  /** Joins the executable to what it needs to run. */
  readonly complete: (folder: string, main: string) => Omit<Found, 'version' | 'location'>;
}

export interface Made {
  readonly version: string;
  /** The executable, relative to the folder. */
  readonly main: string;
  readonly origin: string;
}

export function entryName(tool: string, version: string, { platform, arch }: ProvisionContext): string {
  return `${tool}-${version}-${platform}-${arch}`;
}

/** What the cache holds of an entry; a damaged one counts as absent. */
export async function lookInCache(entry: Entry, context: ProvisionContext): Promise<Look> {
  const folder = join(context.cacheDir, entry.name);
  const doubt = whoElseWrites(context.cacheDir) ?? whoElseWrites(folder);
  if (doubt !== undefined) return absent(doubt);
  const inspection = await inspect(folder).catch((error: unknown) => unreadable(error));
  if (inspection.kind === 'missing') return absent(`the cache holds no ${entry.name}`);
  if (inspection.kind === 'damaged') return absent(`${folder} is damaged: ${inspection.reason}`);
  const { main, version } = inspection.manifest;
  return { kind: 'found', found: { location: join(folder, main), version, ...entry.complete(folder, main) } };
}

/** Why another user may have put there what we would run; `undefined` where none could. */
function whoElseWrites(folder: string): string | undefined {
  const found = statSync(folder, { throwIfNoEntry: false });
  const own = process.getuid?.();
  if (found === undefined || own === undefined) return undefined;
  if (found.uid !== own && found.uid !== 0) return `${folder} belongs to another user`;
  return (found.mode & 0o002) === 0 ? undefined : `every user can write to ${folder}`;
}

function unreadable(error: unknown): Inspection {
  return { kind: 'damaged', reason: messageOf(error) };
}

/**
 * Makes an entry, once however many processes want it: built in a temporary folder, then put in place by one
 * rename. A damaged entry is replaced.
 */
export async function fillCache(
  entry: Entry,
  context: ProvisionContext,
  make: (folder: string) => Promise<Made>,
): Promise<Found> {
  const { cacheDir, progress, signal } = context;
  mkdirSync(cacheDir, { recursive: true, mode: 0o700 });
  requireOwn(cacheDir);
  const onWait = (holder: string) => progress(`${entry.tool}: waiting for ${holder}, which is making it`);
  return withLock(join(cacheDir, 'locks', `${entry.name}.lock`), { onWait, signal }, async () => {
    const present = await lookInCache(entry, context);
    if (present.kind === 'found') return present.found;
    await makeInPlace(entry, cacheDir, make);
    const made = await lookInCache(entry, context);
    if (made.kind === 'found') return made.found;
    throw new Error(made.kind === 'absent' ? made.reason : 'the cache entry vanished');
  });
}

function requireOwn(cacheDir: string): void {
  const doubt = whoElseWrites(cacheDir);
  if (doubt === undefined) return;
  throw new SiagaError('cache-shared', {
    what: 'the cache of tools is open to others, who could put programs into it that siaga would run',
    where: cacheDir,
    got: doubt,
    allowed: 'a folder of this user that no other can write to',
    hint: `chmod go-w ${cacheDir}, or name another with SIAGA_CACHE_DIR`,
    exitCode: exit.inconclusive,
  });
}

// Runs under the lock: every temporary folder of this entry is a dead run's.
async function makeInPlace(entry: Entry, cacheDir: string, make: (folder: string) => Promise<Made>) {
  const temporary = join(cacheDir, 'tmp');
  mkdirSync(temporary, { recursive: true });
  removeLeftovers(temporary, entry.name);
  const folder = join(temporary, `${entry.name}.${randomBytes(4).toString('hex')}`);
  try {
    mkdirSync(folder);
    await writeManifest(folder, await make(folder));
    moveAside(join(cacheDir, entry.name), temporary, entry.name);
    renameSync(folder, join(cacheDir, entry.name));
  } finally {
    removeLeftovers(temporary, entry.name);
  }
}

// A process may still run from the damaged folder, so it is moved, not emptied.
function moveAside(folder: string, temporary: string, name: string): void {
  if (existsSync(folder)) renameSync(folder, join(temporary, `${name}.${randomBytes(4).toString('hex')}`));
}

function removeLeftovers(temporary: string, name: string): void {
  for (const left of readdirSync(temporary)) {
    if (left.startsWith(`${name}.`)) rmSync(join(temporary, left), { recursive: true, force: true });
  }
}
