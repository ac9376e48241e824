import type { Command } from 'commander';
import type { RunFlags } from '../run/flags.ts';
import { runDrill } from '../run/game-day.ts';
import type { Platform } from '../run/platform.ts';
import { withRunFlags } from './options.ts';

/** `siaga gameday`: a whole exercise under one unbroken load. */
export function registerGameday(program: Command, platform: Platform): void {
  withRunFlags(program.command('gameday'))
    .argument('[experiments...]', 'experiments to run, in this order (default: all of the target)')
    .action(async (names: string[], flags: RunFlags) => {
      platform.outcome.code = await runDrill(platform, flags, 'gameday', names);
    });
}
