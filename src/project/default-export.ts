import { type Diagnostic, type Fault, inFile, isError } from '../kernel/diagnostic.ts';
import type { ReadModule } from './read-module.ts';

/** A file's default export, judged; the value only where it holds no error. */
export interface Judged<T> {
  readonly file: string;
  readonly value?: T;
  readonly diagnostics: readonly Diagnostic[];
}

/** @param hint what a file without a default export should hold. */
export function defaultOf<T>(
  module: ReadModule,
  validate: (found: unknown) => readonly Fault[],
  hint: string,
): Judged<T> {
  const { file } = module;
  if ('failure' in module) return { file, diagnostics: [module.failure] };
  const found = module.exports['default'];
  if (found === undefined) {
    const message = 'this file has no default export';
    return { file, diagnostics: [{ level: 'error', file, path: '', message, hint }] };
  }
  const diagnostics = inFile(file, validate(found));
  return diagnostics.some(isError) ? { file, diagnostics } : { file, value: found as T, diagnostics };
}
