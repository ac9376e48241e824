import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makePrivateFolder } from './private.ts';

export interface LockOptions {
  /** Called once, with the number of the process that holds the lock where it is known. */
  readonly onWait: (holder: string) => void;
  /** Gives up after this many milliseconds. Default 20 minutes, longer than any build. */
  readonly timeoutMs?: number;
  /** Ends the waiting. */
  readonly signal?: AbortSignal | undefined;
}

const pollMs = 100;

/**
 * Runs `work` while no other process runs under the same lock file.
 *
 * The lock is SQLite's own on that file: the kernel releases it when its holder dies, so a lock can never be
 * stale and never needs to be taken over.
 * @throws where the folder cannot be written, or the lock was not free within `timeoutMs`.
 */
export async function withLock<T>(file: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  makePrivateFolder(dirname(file));
  const database = await acquire(file, options);
  try {
    writeFileSync(holderFile(file), String(process.pid), { mode: 0o600 });
    return await work();
  } finally {
    database.close();
  }
}

async function acquire(
  file: string,
  { onWait, timeoutMs = 1_200_000, signal }: LockOptions,
): Promise<DatabaseSync> {
  const deadline = performance.now() + timeoutMs;
  for (let attempt = 0; ; attempt++) {
    // SQLite would give it the mode that the umask leaves.
    closeSync(openSync(file, 'a', 0o600));
    const database = tryAcquire(file);
    if (database) return database;
    signal?.throwIfAborted();
    if (attempt === 0) onWait(holderOf(file));
    if (performance.now() > deadline) throw new Error(`${file} is still held by ${holderOf(file)}`);
    await new Promise((done) => setTimeout(done, pollMs));
  }
}

function tryAcquire(file: string): DatabaseSync | undefined {
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
}

const sqliteBusy = 5;

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy;
}

function holderFile(file: string): string {
  return `${file}.holder`;
}

function holderOf(file: string): string {
  try {
    return `process ${readFileSync(holderFile(file), 'utf8')}`;
  } catch {
    return 'another process';
  }
}
