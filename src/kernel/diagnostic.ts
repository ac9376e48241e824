import { SiagaError } from './errors.ts';
import { exit } from './exit.ts';
import { printed } from './printed.ts';

/** What is wrong at one place of a definition. */
export interface Fault {
  readonly level: 'error' | 'warning';
  /** Where inside the definition: `signals['rest.latency'].trigger.when`. Empty for the whole of it. */
  readonly path: string;
  readonly message: string;
  readonly got?: string;
  readonly allowed?: string;
  readonly hint?: string;
}

/** A fault with its file. */
export interface Diagnostic extends Fault {
  /** Relative to the project's folder; with `:line` where the line is known. */
  readonly file: string;
}

/** Puts faults found in a definition into the file it came from. */
export function inFile(file: string, faults: readonly Fault[]): readonly Diagnostic[] {
  return faults.map((fault) => ({ file, ...fault }));
}

export const isError = ({ level }: Fault): boolean => level === 'error';

/** A diagnostic as lines for a terminal: place and message, then what was got and what would do. */
export function formatDiagnostic({ level, file, path, message, got, allowed, hint }: Diagnostic): string {
  const rows = [
    ['got', got],
    ['allowed', allowed],
    ['hint', hint],
  ] as const;
  const lines = rows.filter(([, text]) => text !== undefined).map(([label, text]) => `    ${label}: ${text}`);
  return [`${level} ${file}${path && `  ${path}`}`, `    ${message}`, ...lines].join('\n');
}

/** Every error among the diagnostics as one SiagaError (exit 2); `undefined` where there is none. */
export function invalidDefinitions(diagnostics: readonly Diagnostic[]): SiagaError | undefined {
  const errors = diagnostics.filter(isError);
  if (errors.length === 0) return undefined;
  return new SiagaError('invalid-definitions', {
    what: [
      `the project's definitions hold ${errors.length === 1 ? 'an error' : `${errors.length} errors`}`,
      ...errors.map(formatDiagnostic),
    ].join('\n'),
    hint: `${printed('validate')} lists them again, with the warnings`,
    exitCode: exit.usage,
  });
}
