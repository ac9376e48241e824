import type { Command } from 'commander';
import { registerHeal } from './chaos-heal.ts';
import { registerList } from './chaos-list.ts';
import type { RunFlags } from '../run/flags.ts';
import { runDrill } from '../run/game-day.ts';
import { withRunFlags } from './options.ts';
import type { Platform } from '../run/platform.ts';

/** `siaga chaos run | list | heal`. */
export function registerChaos(program: Command, platform: Platform): void {
  const chaos = program.command('chaos');
  withRunFlags(chaos.command('run').description('run experiments, one after another'))
    .argument('[experiments...]', 'experiments to run (default: all of the target)')
    .action(async (names: string[], flags: RunFlags) => {
      platform.outcome.code = await runDrill(platform, flags, 'chaos run', names);
    });
  registerList(chaos, platform);
  registerHeal(chaos, platform);
}
