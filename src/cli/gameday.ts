import type { Command } from 'commander';
import { soundProject } from './project.ts';
import { selectTarget } from '../project/select.ts';
import { drillIn } from './drill.ts';
import { withRunFlags, type RunFlags } from './options.ts';
import { selectExperiments } from './select-experiments.ts';
import { withSession } from './session.ts';
import { summaries } from './summaries.ts';
import { provideK6 } from './tools.ts';
import type { World } from './world.ts';
import type { ExitCode } from '../kernel/exit.ts';

/** `siaga gameday`: a whole exercise under one unbroken load. */
export function registerGameday(program: Command, world: World): void {
  withRunFlags(program.command('gameday').description(summaries.gameday))
    .argument('[experiments...]', 'experiments to run, in this order (default: all of the target)')
    .action(async (names: string[], flags: RunFlags) => {
      world.outcome.code = await runDrill(world, flags, 'gameday', names);
    });
}

/** What `gameday` and `chaos run` share: experiments by name, one session, one load. */
export async function runDrill(
  world: World,
  flags: RunFlags,
  command: string,
  names: readonly string[],
): Promise<ExitCode> {
  // An unknown name is told before anything is built or started.
  const project = await soundProject(flags.project, world);
  const { target } = selectTarget(project.config, flags.target, world.env);
  const experiments = selectExperiments(project.experiments, names, target.name);
  const k6 = await provideK6(world);
  const request = {
    project,
    command,
    subject: names.join(' '),
    drill: true,
    loadRunning: true,
    needsProxies: true,
    versions: { k6: k6.version },
  };
  return withSession(world, flags, request, (session) => drillIn(session, experiments, k6));
}
