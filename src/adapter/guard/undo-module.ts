import { pathToFileURL } from 'node:url';
import { SiagaError } from '../../kernel/errors.ts';
import { exit } from '../../kernel/exit.ts';
import { holdHooks } from '../../project/hooks.ts';

/**
 * Calls the undo of a fault that a project defines, with what it was planned with.
 * @throws what importing the file or undoing throws; {SiagaError} `no-undo` (exit 4) where it has none.
 */
export async function undoModule(kind: string, file: string, folder: string, data: unknown): Promise<void> {
  using _hooks = holdHooks(`${pathToFileURL(folder).href.replace(/\/*$/, '')}/`);
  const exports = Object.values((await import(pathToFileURL(file).href)) as Record<string, unknown>);
  const fault = exports.find((each) => isFault(each, kind));
  if (fault === undefined) throw noUndo(kind, file);
  await (fault as Undoable).undo(data);
}

interface Undoable {
  undo(data: unknown): unknown;
}

function isFault(exported: unknown, kind: string): boolean {
  const { kind: its, undo } = (exported ?? {}) as { readonly kind?: unknown; readonly undo?: unknown };
  return its === kind && typeof undo === 'function';
}

function noUndo(kind: string, file: string): SiagaError {
  return new SiagaError('no-undo', {
    what: `this file exports no fault ${kind} that is undone by a function`,
    where: file,
    allowed: `export default defineFault({ kind: '${kind}', …, undo: (data) => { … } })`,
    exitCode: exit.rollbackFailed,
  });
}
