import { breaksOf } from '../chaos/plan.ts';
import type { ExitCode } from '../kernel/exit.ts';
import { selectTarget } from '../project/select.ts';
import { drillIn } from './drill.ts';
import type { RunFlags } from './flags.ts';
import type { Platform } from './platform.ts';
import { soundProject } from './project.ts';
import { selectExperiments } from './select-experiments.ts';
import { withSession } from './session.ts';

/** What `gameday` and `chaos run` share: experiments by name, one session, one load. */
export async function runDrill(
  platform: Platform,
  flags: RunFlags,
  command: 'gameday' | 'chaos run',
  names: readonly string[],
): Promise<ExitCode> {
  // An unknown name is reported before anything is built or started.
  const project = await soundProject(flags.project, platform);
  const { target } = selectTarget(project.config, flags.target, platform.env);
  const experiments = selectExperiments(project.experiments, names, target.name);
  const k6 = await platform.k6();
  const request = {
    project,
    command,
    subject: names.join(' '),
    drill: true,
    loadRunning: true,
    breaks: breaksOf(experiments),
    versions: { k6: k6.version },
  };
  return withSession(platform, flags, request, (session) => drillIn(session, experiments, k6));
}
