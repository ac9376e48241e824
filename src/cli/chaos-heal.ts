import { Option, type Command } from 'commander';
import { runHeal, type HealFlags } from '../run/heal.ts';
import type { Platform } from '../run/platform.ts';

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
