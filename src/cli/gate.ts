import { Option, type Command } from 'commander';
import { defaultScenario, runGate, type GateFlags } from '../run/gate.ts';
import type { Platform } from '../run/platform.ts';
import { withRunFlags } from './options.ts';

/** `siaga gate`: checks, load and experiments as one verdict before a deploy. */
export function registerGate(program: Command, platform: Platform): void {
  withRunFlags(program.command('gate'))
    .option('--experiment <name...>', 'experiments to run (default: none)')
    .option('--scenario <name>', 'load to run', defaultScenario)
    .addOption(
      new Option('--on-inconclusive <policy>', 'after one retry').choices(['block', 'warn']).default('block'),
    )
    .option('--up <command>', 'starts the candidate; stopped when the gate ends')
    .option('--wait <url>', 'the candidate is up when this answers 2xx')
    .option(
      '--show-bodies',
      'also put the bodies of failed answers into the envelope, JUnit and GitHub summary',
    )
    .action(async (flags: GateFlags) => {
      platform.outcome.code = await runGate(platform, flags);
    });
}
