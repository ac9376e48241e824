import { InvalidArgumentError, Option, type Command } from 'commander';
import { speedBounds } from '../runbook/judge.ts';
import { shellWord } from '../kernel/printed.ts';
import type { World } from './world.ts';

/** Flags every command that runs something understands. */
export interface RunFlags {
  readonly project: string;
  readonly target?: string;
  readonly json?: true;
  readonly speed?: number;
  readonly output?: string;
  readonly showBodies?: true;
}

/** Whether a terminal may show what failed answers said: in a CI its log is for more people, who have to be asked. */
export function showsBodies({
  flags,
  world,
}: {
  readonly flags: RunFlags;
  readonly world: Pick<World, 'env'>;
}): boolean {
  return flags.showBodies === true || !world.env['CI'];
}

/** Adds the common flags, worded once. */
export function withRunFlags(command: Command): Command {
  return command
    .option('-C, --project <dir>', 'folder with runbook.ts and siaga.config.ts', '.')
    .option('--target <name>', 'target of siaga.config.ts (default: its default)')
    .option('--json', 'one JSON envelope on stdout, everything else on stderr')
    .addOption(speedOption('divide the windows by n, on the reference system only'))
    .option('--output <dir>', 'where the run folder is written (default: reports/)');
}

/** `--speed <n>`, within its bounds. */
export function speedOption(description: string): Option {
  return new Option('--speed <n>', description).argParser(parseSpeed);
}

function parseSpeed(text: string): number {
  const speed = Number(text);
  if (!Number.isFinite(speed) || speed < speedBounds.min || speed > speedBounds.max) {
    throw new InvalidArgumentError(`allowed: ${speedBounds.min} to ${speedBounds.max}.`);
  }
  return speed;
}

/** Options of a command line by name, as they were given; `true` for one without a value. */
export type CommandOptions = Readonly<Record<string, string | readonly string[] | true | undefined>>;

/** Options as the words of a command line that a shell reads back. */
export function optionWords(options: CommandOptions): readonly string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined) return [];
    if (value === true) return [name];
    return (typeof value === 'string' ? [value] : value).flatMap((each) => [name, shellWord(each)]);
  });
}
