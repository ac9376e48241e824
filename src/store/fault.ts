import { closeSync, openSync } from 'node:fs';
import { SiagaError, messageOf } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';

// https://www.sqlite.org/rescode.html: the low byte is the primary code.
const primary = { busy: 5, locked: 6, readOnly: 8, corrupt: 11, full: 13, cannotOpen: 14, notADatabase: 26 };

function sqliteCode(error: unknown): number | undefined {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined;
  return typeof code === 'number' ? code & 0xff : undefined;
}

/** Whether SQLite, and not the code that called it, failed. A closed database counts as failed. */
export function isDatabaseError(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ERR_SQLITE_ERROR' || code === 'ERR_INVALID_STATE';
}

/** Whether another process holds the lock. */
export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === primary.busy || code === primary.locked;
}

export const busyCode = 'store-busy';

/** An error of ours that came from the store, told apart from errors of those who use it. */
export type StoreFault = SiagaError;

export function isStoreFault(error: unknown): error is StoreFault {
  return error instanceof SiagaError && error.code.startsWith('store-');
}

interface Kind {
  readonly code: string;
  readonly what: string;
  readonly hint: string;
}

const readOnly: Kind = {
  code: 'store-read-only',
  what: 'the event store cannot be written',
  hint: 'make the folder writable, or choose another project folder with -C',
};

const noFiles: Kind = {
  code: 'store-no-files',
  what: 'the event store cannot be opened: too many files are open',
  hint: 'allow this process more open files (ulimit -n), 256 at least',
};

const corrupt: Kind = {
  code: 'store-corrupt',
  what: 'the event store is damaged or not a database',
  hint: 'move the file away; a new one is created, and each run keeps its own events.ndjson',
};

const kinds: Readonly<Record<number, Kind>> = {
  [primary.busy]: {
    code: busyCode,
    what: 'another process holds the event store',
    hint: 'look for a stopped siaga process',
  },
  [primary.readOnly]: readOnly,
  [primary.cannotOpen]: readOnly,
  [primary.corrupt]: corrupt,
  [primary.notADatabase]: corrupt,
  [primary.full]: {
    code: 'store-full',
    what: 'the disk of the event store is full',
    hint: 'free some space',
  },
};

const other: Kind = {
  code: 'store-failed',
  what: 'the event store failed',
  hint: 'look at the disk it lies on',
};

/** An error of SQLite or the file system as one of ours (exit 3); a SiagaError stays what it is. */
export function storeFault(error: unknown, path: string): SiagaError {
  if (error instanceof SiagaError) return error;
  const code = sqliteCode(error);
  const kind = (code === undefined ? fileSystemKind(error) : kindOf(code, path)) ?? other;
  return new SiagaError(kind.code, {
    what: kind.what,
    where: path,
    got: messageOf(error),
    hint: kind.hint,
    exitCode: exit.inconclusive,
    cause: error,
  });
}

// SQLite says only that it cannot open it; the system says why.
function kindOf(code: number, path: string): Kind | undefined {
  if (code !== primary.cannotOpen) return kinds[code];
  const opened: number[] = [];
  try {
    // A store takes three, twice.
    for (let n = 0; n < 6; n++) opened.push(openSync(path, 'a'));
    return kinds[code];
  } catch (error) {
    return fileSystemKind(error) ?? kinds[code];
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
}

function fileSystemKind(error: unknown): Kind | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'EMFILE' || code === 'ENFILE') return noFiles;
  if (code === 'ENOSPC' || code === 'EDQUOT') return kinds[primary.full];
  return ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENOENT'].includes(code) ? readOnly : undefined;
}
