import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SiagaError } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';
import { isBusy, storeFault } from './fault.ts';

/** Where a project keeps its events. */
export const storePath = (project: string): string => join(project, '.siaga', 'siaga.db');

// Short, because SQLite waits by blocking the whole process.
const busyTimeoutMs = 100;
const openAttempts = 50;

const schemaVersion = 1;
const schema = `
CREATE TABLE events (
  seq    INTEGER PRIMARY KEY AUTOINCREMENT,
  v      INTEGER NOT NULL,
  run    TEXT    NOT NULL,
  target TEXT    NOT NULL,
  at     REAL    NOT NULL,
  mono   REAL    NOT NULL,
  boot   TEXT    NOT NULL,
  type   TEXT    NOT NULL,
  data   TEXT    NOT NULL
) STRICT;
CREATE INDEX events_of_run ON events (run, seq);
CREATE INDEX events_of_target ON events (target, type, seq);
CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER events_are_not_removed BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
PRAGMA user_version = ${schemaVersion};
`;

/**
 * Opens the database, created with its folder where missing, and shows that it can be written.
 * @throws {SiagaError} `store-read-only`, `store-corrupt`, `store-full`, `store-newer` or `store-busy` (exit 3).
 */
export function openDatabase(path: string): DatabaseSync {
  try {
    makePrivate(path);
    return prepared(new DatabaseSync(path, { timeout: busyTimeoutMs }), path);
  } catch (error) {
    throw storeFault(error, path);
  }
}

// For its owner alone. As root the folder may be passed through, not listed: Postgres, which refuses to be root, lies
// below it. SQLite gives the files beside it the mode of this one.
function makePrivate(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  closeSync(openSync(path, 'a', 0o600));
  try {
    chmodSync(path, 0o600);
  } catch {
    // Another owner's: whether it can be written is what counts.
  }
}

function prepared(database: DatabaseSync, path: string): DatabaseSync {
  try {
    patiently(() => database.exec('PRAGMA journal_mode = WAL'));
    // What this writes holds no event: the first event's commit takes it to the disk.
    database.exec('PRAGMA synchronous = NORMAL');
    patiently(() => exclusively(database, () => migrate(database, path)));
    database.exec('PRAGMA synchronous = FULL');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Opens a database that is there already, to read it alone: nothing is created or written. `undefined` where there is
 * none, or nothing in it.
 * @throws {SiagaError} as `openDatabase` does.
 */
export function openRecorded(path: string): DatabaseSync | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const database = new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs });
    if (versionIn(database, path) > 0) return database;
    database.close();
    return undefined;
  } catch (error) {
    throw storeFault(error, path);
  }
}

function versionIn(database: DatabaseSync, path: string): number {
  const found = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  if (found > schemaVersion) throw newer(path, found);
  if (isForeign(database, found)) throw foreign(path);
  return found;
}

function migrate(database: DatabaseSync, path: string): void {
  const found = versionIn(database, path);
  // Writing the same version back shows that the file takes writes at all.
  database.exec(found === 0 ? schema : `PRAGMA user_version = ${schemaVersion}`);
}

const columns = 'seq, v, run, target, at, mono, boot, type, data';

function isForeign(database: DatabaseSync, version: number): boolean {
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  if (version === 0) return tables.length > 0;
  const found = database.prepare("SELECT name FROM pragma_table_info('events')").all();
  return found.map(({ name }) => String(name)).join(', ') !== columns;
}

function foreign(path: string): SiagaError {
  return new SiagaError('store-foreign', {
    what: 'this database is not an event store of siaga',
    where: path,
    got: 'an SQLite file with other tables',
    hint: 'move it away; a new store is created in its place',
    exitCode: exit.inconclusive,
  });
}

function newer(path: string, found: number): SiagaError {
  return new SiagaError('store-newer', {
    what: 'the event store was written by a newer siaga',
    where: path,
    got: `schema ${found}`,
    allowed: `schema ${schemaVersion} or older`,
    hint: 'use that version, or another project folder with -C',
    exitCode: exit.inconclusive,
  });
}

/**
 * A second connection for what only measures. Its commits reach the disk with the next synced one: a killed process
 * loses nothing, a power cut the last second of figures. Synced one by one, a second's worth of batches made the
 * process stand still for up to 400 ms on a busy disk, and its own probes inconclusive.
 */
export function openUnsynced(path: string): DatabaseSync {
  try {
    const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
    database.exec('PRAGMA synchronous = NORMAL');
    return database;
  } catch (error) {
    throw storeFault(error, path);
  }
}

/** Runs `work` as one transaction that holds the write lock from its beginning. */
export function exclusively<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** Tries again while another process holds the lock; blocks for at most `attempts` busy timeouts. */
export function patiently<T>(work: () => T, attempts: number = openAttempts): T {
  for (let attempt = 1; ; attempt++) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || attempt >= attempts) throw error;
      // Some locks (the switch to WAL) are refused without waiting.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
