import type { Ending } from '../exercise/ending.ts';
import type { ExitCode } from '../kernel/exit.ts';
import { assignedSecrets } from '../kernel/redact.ts';
import type { Environment } from '../load/ports.ts';
import { runLoad } from '../load/run.ts';
import type { LoadRequest } from '../load/types.ts';
import type { Project, Scenario } from '../project/types.ts';
import { renderLoad } from '../report/load-table.ts';
import type { RunFlags } from './flags.ts';
import type { Platform } from './platform.ts';
import { plannedProject } from './project.ts';
import { endingOfLoad, loadContext, scenarioOf } from './scenario.ts';
import type { Session } from './session-types.ts';
import { withSession } from './session.ts';

export interface LoadFlags extends RunFlags {
  readonly rate?: number;
  readonly duration?: number;
  readonly env: Environment;
}

/** A k6 scenario of the project by name, or any k6 script by path. */
export async function runScenario(platform: Platform, flags: LoadFlags, wanted: string): Promise<ExitCode> {
  // A broken definition and an unknown name are reported before anything is built or started.
  const project = await plannedProject(flags, platform);
  platform.secrets.keep(secretsGiven(flags.env, platform.env));
  const scenario = scenarioOf(project, wanted, platform.projectFiles);
  const k6 = await platform.k6();
  const request = {
    project,
    command: 'load',
    subject: wanted,
    options: {
      '--rate': flags.rate === undefined ? undefined : String(flags.rate),
      '--duration': flags.duration === undefined ? undefined : `${flags.duration}ms`,
      // Their values may be secrets, and a report is for everybody.
      '--env': Object.keys(flags.env),
    },
    drill: false,
    loadRunning: true,
    breaks: 'nothing' as const,
    versions: { k6: k6.version },
  };
  return withSession(platform, flags, request, async (session): Promise<Ending> => {
    const finished = await runLoad(requestOf(scenario, project, flags), loadContext(session, k6));
    show(renderLoad(finished, session.judge), session);
    return endingOfLoad(finished);
  });
}

function requestOf({ name, path }: Scenario, { dir, scenarios }: Project, flags: LoadFlags): LoadRequest {
  const own = scenarios.some((scenario) => scenario.path === path);
  return {
    name,
    script: path,
    ...(path.startsWith(`${dir}/`) && { label: path.slice(dir.length + 1) }),
    ...(flags.rate !== undefined && { rate: flags.rate }),
    ...(flags.duration !== undefined && { durationMs: flags.duration }),
    env: flags.env,
    // A stranger's script answers to its own project's idea of types.
    typeCheck: own,
  };
}

function show(text: string, { platform, flags }: Session): void {
  if (flags.json) platform.stderr(`${text}\n`);
  else platform.stdout(`${text}\n`);
}

/** What is taken from the environment is secret as it is: whoever names it there wants it seen by nobody. */
function secretsGiven(given: Environment, own: Platform['env']): readonly string[] {
  return Object.entries(given).flatMap(([name, value]) =>
    own[name] === value ? [value] : assignedSecrets(name, value),
  );
}
