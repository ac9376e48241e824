import { InvalidArgumentError, Option, type Command } from 'commander';
import { speedBounds } from '../runbook/judge.ts';

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
