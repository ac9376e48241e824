import { Command } from 'commander';
import { printed } from '../kernel/printed.ts';
import type { Platform } from '../run/platform.ts';

export type Front = Pick<Platform, 'version' | 'stdout' | 'stderr'>;

/** The program without any command. */
export function createProgram({ version, stdout, stderr }: Front): Command {
  return new Command('siaga')
    .description('The incident runbook, executable.')
    .version(version)
    .exitOverride()
    .configureOutput({ writeOut: stdout, writeErr: stderr })
    .showHelpAfterError(`(${printed('--help')} lists the commands)`)
    .showSuggestionAfterError();
}
