import { CommanderError, type Command } from 'commander';
import { explain, messageOf, SiagaError } from '../kernel/errors.ts';
import { exit, type ExitCode } from '../kernel/exit.ts';
import { envelopeOf } from '../export/envelope-of.ts';
import type { ResultEnvelope } from '../export/envelope.ts';
import { tellGitHub } from '../run/github.ts';
import { createProgram } from './empty-program.ts';
import type { Platform } from '../run/platform.ts';
import { printed, shellWord } from '../kernel/printed.ts';
import { dirname, join, relative } from 'node:path';

export type Register = (program: Command, platform: Platform) => void;

/** Parses the arguments and runs one command. Never throws: the result is the exit code. */
export async function runProgram(
  argv: readonly string[],
  platform: Platform,
  registers: readonly Register[],
): Promise<ExitCode> {
  const program = createProgram(platform);
  for (const register of registers) register(program, platform);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return platform.outcome.code;
  } catch (error) {
    return tell(error, argv, platform);
  }
}

/** Says what ended a command before its time, in words, to GitHub, and where asked as an envelope. Gives the exit code. */
export function tell(error: unknown, argv: readonly string[], platform: Platform): ExitCode {
  const exitCode = report(error, platform);
  if (exitCode === exit.passed) return exitCode;
  const envelope = envelopeOfError(argv, platform, error, exitCode);
  if (argv.includes('--json')) platform.stdout(`${JSON.stringify(envelope, null, 2)}\n`);
  tellGitHub(platform, envelope);
  return exitCode;
}

/** What a command ends with that was ended from within, before it had a result. */
export const cutShort = (): SiagaError =>
  new SiagaError('cut-short', {
    what: 'this command was ended before it had a result',
    hint: "code of this project may have called process.exit: a check, or one of the project's own parts",
    exitCode: exit.inconclusive,
  });

// Commander has written its own text already.
function report(error: unknown, platform: Platform): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exit.passed : exit.usage;
  if (error instanceof SiagaError) {
    platform.stderr(`siaga: ${explain(error)}\n`);
    return error.exitCode;
  }
  if (platform.interrupted.aborted) return exit.interrupted;
  const trace = error instanceof Error ? error.stack : messageOf(error);
  platform.stderr(`siaga: this is a bug of Siaga's: ${trace}\n`);
  return exit.bug;
}

/** A program that reads stdout gets its one envelope, and a CI its annotation, whatever went wrong. */
function envelopeOfError(
  argv: readonly string[],
  platform: Platform,
  thrown: unknown,
  exitCode: ExitCode,
): ResultEnvelope {
  const command = argv.find((word) => !word.startsWith('-')) ?? '';
  const error = thrown instanceof CommanderError ? usageError(thrown) : thrown;
  return envelopeOf([], { command, exitCode, error, now: platform.clock.now() });
}

function usageError({ code, message }: CommanderError): SiagaError {
  return new SiagaError(
    code.replace('commander.', 'usage-').replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    {
      what: message.replace(/^error: /, ''),
      hint: `${printed('--help')} lists the commands`,
      exitCode: exit.usage,
    },
  );
}

/**
 * How a person here calls this program, for every command that is printed: installed, `npx siaga`; in the root of a
 * checkout, `npm run -s siaga --`; a checkout from elsewhere, its launcher.
 * @param entry the file that was started: `main.ts` of the sources, or `main.js` of a build
 */
export function calledAs(entry: string, cwd: string): string {
  if (/[\\/]node_modules[\\/]/.test(entry)) return 'npx siaga';
  const root = dirname(dirname(entry));
  return relative(root, cwd) === ''
    ? 'npm run -s siaga --'
    : `node ${shellWord(join(root, 'bin', 'siaga.js'))}`;
}
