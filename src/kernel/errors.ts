import type { ExitCode } from './exit.ts';

/** What an error tells a person: what went wrong, where, what was found, what would do, and a way out. */
export interface ErrorFacts {
  readonly what: string;
  readonly where?: string;
  readonly got?: string;
  readonly allowed?: string;
  readonly hint?: string;
  readonly exitCode: ExitCode;
  readonly cause?: unknown;
}

/**
 * An error of the caller, the configuration or the surroundings. The system under test failing is data,
 * never one of these.
 */
export class SiagaError extends Error {
  override readonly name = 'SiagaError';
  /** Stable, for programs: kebab-case. */
  readonly code: string;
  readonly facts: ErrorFacts;

  constructor(code: string, facts: ErrorFacts) {
    super(oneLine(facts), facts.cause === undefined ? {} : { cause: facts.cause });
    this.code = code;
    this.facts = facts;
  }

  get exitCode(): ExitCode {
    return this.facts.exitCode;
  }
}

/** The facts as indented lines for a terminal, the most useful first. */
export function explain(error: SiagaError): string {
  const { what, where, got, allowed, hint } = error.facts;
  const rows = [
    ['where', where],
    ['got', got],
    ['allowed', allowed],
    ['hint', hint],
  ] as const;
  const lines = rows.filter(([, text]) => text !== undefined).map(([label, text]) => `  ${label}: ${text}`);
  return [what, ...lines].join('\n');
}

function oneLine({ what, where, got, allowed }: ErrorFacts): string {
  const parts = [what, where && `at ${where}`, got && `got ${got}`, allowed && `allowed: ${allowed}`];
  return parts.filter(Boolean).join('; ');
}

/** The text of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
