import type { ExitCode } from '../kernel/exit.ts';

/** How a part of a run ended. */
export interface Ending {
  readonly exitCode: ExitCode;
  /** What failed first, in a line; empty when nothing did. */
  readonly reason: string;
}
