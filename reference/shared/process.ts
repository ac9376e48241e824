import { pino } from 'pino';
import { describeProblem } from './environment.ts';
import type { Logger } from 'pino';
import type { Problem } from './environment.ts';

/** A logger that writes one JSON object a line to stdout, at once. */
export function createLogger(name: string): Logger {
  return pino({
    name,
    level: process.env['LOG_LEVEL'] ?? 'info',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}

/** Ends the process with exit code 2 when the environment has problems. */
export function exitOnProblems(logger: Logger, problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  logger.fatal({ problems: problems.map(describeProblem) }, 'Invalid environment');
  process.stderr.write(problems.map((problem) => `invalid ${describeProblem(problem)}\n`).join(''));
  process.exit(2);
}

/** Closes on SIGTERM and SIGINT. What has not closed after 800 ms is cut off, so that the exit takes under 1 s. */
export function closeOnSignal(logger: Logger, close: () => Promise<unknown>): void {
  const stop = (signal: string): void => {
    logger.info({ signal }, 'Stopping');
    setTimeout(() => process.exit(0), 800).unref();
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'Stopping failed');
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop(signal));
}

/** Starts, or logs why it could not and exits with code 1. */
export async function startOrExit(logger: Logger, start: () => Promise<unknown>): Promise<void> {
  try {
    await start();
  } catch (error) {
    logger.fatal({ err: error }, 'Could not start');
    process.stderr.write(`could not start: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
