import type { HttpProbe } from '../check/ports.ts';
import { unreachable } from '../kernel/never.ts';
import type { Clock, Progress } from '../kernel/ports.ts';
import type { ToggleActuator, ToggleProcesses } from '../toggle/ports.ts';
import { placeOf } from '../toggle/method.ts';
import type { ToggleMethod } from '../toggle/method.ts';
import { identify } from '../tools/process.ts';
import { loadLauncher } from './launcher.ts';
import { runCommand } from './toggle-command.ts';
import { createToggleActuator } from './toggle.ts';

export interface MethodContext {
  readonly http: HttpProbe;
  readonly clock: Clock;
  /** What a command finds beside the toggles. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly progress: Progress;
}

type Toggles = Readonly<Record<string, string>>;

/** What reads and sets toggles by a method. The runner and its guard make theirs here, so that both do the same. */
export function actuatorOf(method: ToggleMethod, context: MethodContext): ToggleActuator {
  const { change: _, ...rest } = method;
  const { http, clock } = context;
  return createToggleActuator({
    ...rest,
    http,
    clock,
    place: placeOf(method),
    change: (values, processes) => makeEffective(method, context, values, processes),
  });
}

async function makeEffective(
  { change, timeoutMs }: ToggleMethod,
  { env, progress }: MethodContext,
  values: Toggles,
  processes: ToggleProcesses | undefined,
): Promise<void> {
  const changing = async (pid: number) => processes?.changing(identify(pid));
  switch (change.kind) {
    case 'none':
      return;
    case 'restart':
      return void (await (
        await loadLauncher()
      )?.restartApart({
        projectDir: change.projectDir,
        env: values,
        progress,
        onChange: changing,
        onSpawn: (pid) => processes?.started(identify(pid)),
      }));
    case 'command': {
      const { command, cwd, secrets } = change;
      return runCommand({
        command,
        cwd,
        secrets,
        timeoutMs,
        env: { ...env, ...values },
        onSpawn: (pid) => void changing(pid),
      });
    }
    default:
      return unreachable(change);
  }
}
