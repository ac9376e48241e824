import { type Command, Option } from 'commander';
import { registerList } from './chaos-list.ts';
import type { RunFlags } from '../run/flags.ts';
import { runDrill } from '../run/game-day.ts';
import { withRunFlags } from './options.ts';
import type { Platform } from '../run/platform.ts';
import { runHeal, type HealFlags } from '../run/heal.ts';

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

/** `siaga chaos heal`: undoes what a dead run left, now or later, from this checkout or another. */
export function registerHeal(chaos: Command, platform: Platform): void {
  chaos
    .command('heal')
    .description('undo what a crashed run left behind: faults, and toggles it changed; what others did stays')
    .option('-C, --project <dir>', 'folder with runbook.ts and siaga.config.ts', '.')
    .option('--target <name>', 'target of siaga.config.ts (default: its default)')
    .option('--toxiproxy <url>', "a Toxiproxy's HTTP address, instead of the target's")
    .addOption(new Option('--run <id>', 'only what this run left').conflicts('all'))
    .option('--all', 'what any run left (the default)')
    .option('--force', 'also what belongs to a run that may still be alive')
    .option('--json', 'one JSON envelope on stdout')
    .action(async (flags: HealFlags) => {
      platform.outcome.code = await runHeal(platform, flags);
    });
}
