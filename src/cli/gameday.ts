import type { Command } from 'commander';
import { soundProject } from './project.ts';
import { selectTarget } from '../project/select.ts';
import { drillIn } from '../run/drill.ts';
import type { RunFlags } from '../run/flags.ts';
import { withRunFlags } from './options.ts';
import { selectExperiments } from '../run/select-experiments.ts';
import { withSession } from '../run/session.ts';
import { summaries } from './summaries.ts';
import { provideK6 } from './tools.ts';
import type { Platform } from '../run/platform.ts';
import type { ExitCode } from '../kernel/exit.ts';

/** `siaga gameday`: a whole exercise under one unbroken load. */
export function registerGameday(program: Command, platform: Platform): void {
  withRunFlags(program.command('gameday').description(summaries.gameday))
    .argument('[experiments...]', 'experiments to run, in this order (default: all of the target)')
    .action(async (names: string[], flags: RunFlags) => {
      platform.outcome.code = await runDrill(platform, flags, 'gameday', names);
    });
}

/** What `gameday` and `chaos run` share: experiments by name, one session, one load. */
export async function runDrill(
  platform: Platform,
  flags: RunFlags,
  command: string,
  names: readonly string[],
): Promise<ExitCode> {
  // An unknown name is told before anything is built or started.
  const project = await soundProject(flags.project, platform);
  const { target } = selectTarget(project.config, flags.target, platform.env);
  const experiments = selectExperiments(project.experiments, names, target.name);
  const k6 = await provideK6(platform);
  const request = {
    project,
    command,
    subject: names.join(' '),
    drill: true,
    loadRunning: true,
    needsProxies: true,
    versions: { k6: k6.version },
  };
  return withSession(platform, flags, request, (session) => drillIn(session, experiments, k6));
}
