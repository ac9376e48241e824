import type { Register } from './program.ts';
import { CommanderError, type Command } from 'commander';
import { exit, type ExitCode } from '../kernel/exit.ts';
import { createProgram, type Front } from './empty-program.ts';

/** What a command does, in a line of the help, and its module, read when it is meant. */
interface Listed {
  readonly does: string;
  readonly read: () => Promise<Register>;
}

/** Every command. A round of checks need not read what breaks things, and the list of commands none of them. */
export const commands: Readonly<Record<string, Listed>> = {
  check: {
    does: 'run the checks once; when something fails, keep sampling until the window decides',
    read: async () => (await import('./check.ts')).registerCheck,
  },
  load: {
    does: 'run a k6 scenario by name, or any k6 script by path, against the thresholds of the runbook',
    read: async () => (await import('./load.ts')).registerLoad,
  },
  chaos: {
    does: 'break a dependency on purpose, and undo it',
    read: async () => (await import('./chaos.ts')).registerChaos,
  },
  gate: {
    does: 'checks, smoke load and chosen experiments: one verdict before a deploy',
    read: async () => (await import('./gate.ts')).registerGate,
  },
  gameday: {
    does: 'break dependencies one after another under load, and report',
    read: async () => (await import('./gameday.ts')).registerGameday,
  },
  incident: {
    does: 'the incidents on record: list and show them, and say what only people know',
    read: async () => (await import('./incident.ts')).registerIncident,
  },
  report: {
    does: 'make the documents of a run again from its events, byte for byte the same',
    read: async () => (await import('./report.ts')).registerReport,
  },
  reference: {
    does: 'the system under test that comes with the checkout',
    read: async () => (await import('./reference.ts')).registerReference,
  },
  doctor: {
    does: 'show which k6, Toxiproxy, Postgres and Redis would be used, and why',
    read: async () => (await import('./doctor.ts')).registerDoctor,
  },
  validate: {
    does: 'list every error of the runbook, the configuration and the definitions at once; this runs the files of the project',
    read: async () => (await import('./validate.ts')).registerValidate,
  },
};

/** Lists the commands that are not read: for help, and for the nearest name of one that does not exist. */
function registerOutline(program: Command): void {
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
