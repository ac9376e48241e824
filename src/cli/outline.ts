import { CommanderError, type Command } from 'commander';
import { exit, type ExitCode } from '../kernel/exit.ts';
import { commands } from './commands.ts';
import { createProgram, type Front } from './empty-program.ts';
import type { Register } from './program.ts';

/** Lists the commands that are not read: for help, and for the nearest name of one that does not exist. */
export function registerOutline(program: Command): void {
  const read = program.commands.map((command) => command.name());
  for (const [name, { does }] of Object.entries(commands))
    if (!read.includes(name)) program.command(name).description(does);
}

/** The commands that the arguments name, one of which is meant, and the outline of the others. */
export async function registersFor(argv: readonly string[]): Promise<readonly Register[]> {
  const named = Object.entries(commands).filter(([name]) => argv.includes(name));
  return [
    ...(await Promise.all(named.map(([name, { does, read }]) => described(name, does, read)))),
    registerOutline,
  ];
}

async function described(name: string, does: string, read: () => Promise<Register>): Promise<Register> {
  const register = await read();
  return (program, platform) => {
    register(program, platform);
    program.commands.find((command) => command.name() === name)?.description(does);
  };
}

/** Whether only the list of commands is asked for, or the version: neither needs any command. */
export function asksForOutline(argv: readonly string[]): boolean {
  return argv.length === 1 && ['--help', '-h', 'help', '--version', '-V'].includes(argv[0] ?? '');
}

export function tellOutline(argv: readonly string[], front: Front): ExitCode {
  const program = createProgram(front);
  registerOutline(program);
  try {
    program.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError) || error.exitCode !== 0) throw error;
  }
  return exit.passed;
}
