import type { Command } from 'commander';
import { registerHeal } from './chaos-heal.ts';
import { registerList } from './chaos-list.ts';
import { runDrill } from './gameday.ts';
import { withRunFlags, type RunFlags } from './options.ts';
import { summaries } from './summaries.ts';
import type { World } from './world.ts';

/** `siaga chaos run | list | heal`. */
export function registerChaos(program: Command, world: World): void {
  const chaos = program.command('chaos').description(summaries.chaos);
  withRunFlags(chaos.command('run').description('run experiments, one after another'))
    .argument('[experiments...]', 'experiments to run (default: all of the target)')
    .action(async (names: string[], flags: RunFlags) => {
      world.outcome.code = await runDrill(world, flags, 'chaos run', names);
    });
  registerList(chaos, world);
  registerHeal(chaos, world);
}
