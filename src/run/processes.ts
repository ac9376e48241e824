import type { ResolvedProcess } from '../chaos/permission.ts';
import type { BreakableProcess } from '../chaos/ports.ts';
import { toMs } from '../kernel/to-ms.ts';
import type { TargetProcess } from '../project/target.ts';
import type { Session } from './session-types.ts';

type Processes = Readonly<Record<string, ResolvedProcess>>;

/** The processes of a target, each with where and how it is asked. */
export function reachedProcesses({ target }: Pick<Session, 'target'>): Processes {
  const { processes = {} } = target.definition;
  return Object.fromEntries(
    Object.entries(processes).map(([name, process]) => [name, reached(process, target)]),
  );
}

function reached(process: TargetProcess, { url, proxies, addresses }: Session['target']): ResolvedProcess {
  const { dependency } = process;
  const past = dependency === undefined ? url : (addresses[dependency]?.direct ?? url);
  const probe = dependency === undefined ? undefined : proxies[dependency]?.probe;
  return { address: new URL(past).host, probe: probe ?? { kind: 'tcp' }, ...process };
}

/** What may be stopped of a target, and what starts it again. */
export function breakableProcesses(session: Session, processes: Processes): readonly BreakableProcess[] {
  return Object.entries(processes).map(([name, { address, pidFile, restart }]) => ({
    name,
    address,
    endsWithRun: session.target.reference?.startedHere ?? false,
    ...(pidFile !== undefined && { pidFile }),
    ...(restart && { restart: restartOf(restart, session) }),
  }));
}

/** Where a command is run, and what its output may not show. */
interface RestartPlace {
  readonly project: { readonly dir: string };
  readonly target: { readonly secrets: readonly string[] };
}

/** The command that starts a process again. */
export function restartOf(
  { command, timeout }: NonNullable<TargetProcess['restart']>,
  { project, target }: RestartPlace,
): NonNullable<BreakableProcess['restart']> {
  return {
    replay: 'command',
    command,
    cwd: project.dir,
    env: {},
    timeoutMs: toMs(timeout),
    secrets: target.secrets,
  };
}
