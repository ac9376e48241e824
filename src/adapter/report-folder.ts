import { randomBytes } from 'node:crypto';
import { lstatSync, mkdirSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { messageOf, SiagaError } from '../kernel/errors.ts';
import { printed } from '../kernel/printed.ts';

/**
 * Writes documents into a run's folder. Each appears whole or not at all, and all of them or none: what was there
 * before stays where one cannot be written. Nothing in the folder is followed elsewhere: a link in the place of a
 * document is replaced, one in the place of a folder is refused.
 * @throws {SiagaError} `reports-unwritable` (exit 3): read-only folder, full disk, a link. The events stay in the store.
 */
export function writeReports(folder: string, files: ReadonlyMap<string, string>): void {
  const staged: { readonly from: string; readonly to: string }[] = [];
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const home = realpathSync(folder);
    for (const [path, content] of files) {
      const place = ownFolder(home, dirname(path));
      const from = join(place, `.${basename(path)}.${randomBytes(6).toString('hex')}`);
      staged.push({ from, to: join(place, basename(path)) });
      writeFileSync(from, content, { flag: 'wx', flush: true, mode: 0o600 });
    }
    for (const { from, to } of staged) renameSync(from, to);
  } catch (error) {
    for (const { from } of staged) discard(from);
    throw unwritable(folder, error);
  }
}

/** A folder below `home` that is one itself, created where missing. */
function ownFolder(home: string, path: string): string {
  if (path === '.') return home;
  const folder = join(ownFolder(home, dirname(path)), basename(path));
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (found === undefined) mkdirSync(folder, { mode: 0o700 });
  else if (!found.isDirectory()) throw new Error(`${folder} is no folder but a link or a file`);
  return folder;
}

// Where the disk is read-only, removing fails as writing did; the first failure is the one to tell.
function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {}
}

function unwritable(folder: string, cause: unknown): SiagaError {
  return new SiagaError('reports-unwritable', {
    what: 'the reports cannot be written',
    where: folder,
    got: messageOf(cause),
    allowed: 'a folder that takes files',
    hint: `the events are kept; make room or name another folder: ${printed('report RUN --output DIR')}`,
    exitCode: 3,
    cause,
  });
}
