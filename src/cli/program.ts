import { Command, CommanderError } from 'commander';
import { explain, messageOf, SiagaError } from '../kernel/errors.ts';
import { exit, type ExitCode } from '../kernel/exit.ts';
const errorEnvelope = (..._: unknown[]) => ({});
import type { World } from './world.ts';

export type Register = (program: Command, world: World) => void;

/** Parses the arguments and runs one command. Never throws: the result is the exit code. */
export async function runProgram(
  argv: readonly string[],
  world: World,
  registers: readonly Register[],
): Promise<ExitCode> {
  const program = createProgram(world);
  for (const register of registers) register(program, world);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return world.outcome.code;
  } catch (error) {
    return report(error, world, argv.includes('--json'));
  }
}

function createProgram(world: World): Command {
  return new Command('siaga')
    .description('The incident runbook, executable.')
    .version(world.version)
    .exitOverride()
    .configureOutput({ writeOut: world.stdout, writeErr: world.stderr })
    .showHelpAfterError('(siaga --help lists the commands)')
    .showSuggestionAfterError();
}

function report(error: unknown, world: World, json: boolean): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exit.passed : usage(error, world, json);
  if (error instanceof SiagaError) return known(error, world, json);
  if (world.interrupted.aborted) return exit.interrupted;
  world.stderr(
    `siaga: this is a bug of Siaga's: ${error instanceof Error ? error.stack : messageOf(error)}\n`,
  );
  if (json) world.stdout(`${JSON.stringify(errorEnvelope('bug', messageOf(error), exit.bug), null, 2)}\n`);
  return exit.bug;
}

// Commander has written its own text already; only the envelope is missing.
function usage(error: CommanderError, world: World, json: boolean): ExitCode {
  if (json)
    world.stdout(`${JSON.stringify(errorEnvelope(error.code, error.message, exit.usage), null, 2)}\n`);
  return exit.usage;
}

function known(error: SiagaError, world: World, json: boolean): ExitCode {
  world.stderr(`siaga: ${explain(error)}\n`);
  if (json) world.stdout(`${JSON.stringify(errorEnvelope(error), null, 2)}\n`);
  return error.exitCode;
}
