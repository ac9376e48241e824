/** Exit codes of every command. */
export const exit = {
  passed: 0,
  failed: 1,
  usage: 2,
  inconclusive: 3,
  rollbackFailed: 4,
  bug: 70,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exit)[keyof typeof exit];

// Worst first: a rollback that failed outranks an interruption, that a verdict, that a doubt.
const precedence: readonly ExitCode[] = [4, 70, 130, 2, 1, 3, 0];

/** The code a run ends with when its parts ended with these. Nothing at all is a usage error: nothing was selected. */
export function worstExit(codes: readonly ExitCode[]): ExitCode {
  return precedence.find((code) => codes.includes(code)) ?? exit.usage;
}
