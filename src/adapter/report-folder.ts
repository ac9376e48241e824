import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { messageOf, SiagaError } from '../kernel/errors.ts';

/**
 * Writes documents into a run's folder. Each appears whole or not at all, and all of them or none: what was there
 * before stays where one cannot be written.
 * @throws {SiagaError} `reports-unwritable` (exit 3): read-only folder, full disk. The events stay in the store.
 */
export function writeReports(folder: string, files: ReadonlyMap<string, string>): void {
  const staged: { readonly from: string; readonly to: string }[] = [];
  try {
    for (const [path, content] of files) {
      const to = join(folder, path);
      const from = `${to}.part`;
      mkdirSync(dirname(to), { recursive: true });
      staged.push({ from, to });
      writeFileSync(from, content, { flush: true });
    }
    for (const { from, to } of staged) renameSync(from, to);
  } catch (error) {
    for (const { from } of staged) discard(from);
    throw unwritable(folder, error);
  }
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
    hint: 'the events are kept; make room or name another folder: siaga report RUN --output DIR',
    exitCode: 3,
    cause,
  });
}
