import { Option, type Command } from 'commander';
import { runCheck, type CheckFlags } from '../run/check.ts';
import type { Platform } from '../run/platform.ts';
import { withRunFlags } from './options.ts';

/** `siaga check [names…]`: one round of checks, what cron runs every hour. */
export function registerCheck(program: Command, platform: Platform): void {
  withRunFlags(program.command('check'))
    .argument('[names...]', 'checks to run (default: all)')
    .addOption(new Option('--tag <tag...>', 'only checks with one of these tags'))
    .option('--no-stay', 'one pass only, whatever it finds')
    .option('--textfile <file>', 'also write the figures for the textfile collector of a node exporter')
    .option(
      '--show-bodies',
      'also put the bodies of failed answers into the envelope, JUnit and GitHub summary',
    )
    .action(async (names: string[], flags: CheckFlags) => {
      platform.outcome.code = await runCheck(platform, flags, names);
    });
}
