import type { HttpProbe } from '../check/ports.ts';
import { unreachable } from '../kernel/never.ts';
import type { Clock, Progress } from '../kernel/ports.ts';
import type { ToggleActuator } from '../toggle/ports.ts';
import { placeOf } from '../toggle/way.ts';
import type { ToggleProcesses, ToggleWay } from '../toggle/way.ts';
import { loadLauncher } from './launcher.ts';
import { runCommand } from './toggle-command.ts';
import { createToggleActuator } from './toggle.ts';

export interface WayContext extends ToggleProcesses {
  readonly http: HttpProbe;
  readonly clock: Clock;
  /** What a command finds beside the toggles. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly progress: Progress;
}

type Toggles = Readonly<Record<string, string>>;

/** The actuator of a way. The runner and its guard make theirs here, so that both do the same. */
export function actuatorOfWay(way: ToggleWay, context: WayContext): ToggleActuator {
  const { change: _, ...rest } = way;
  const { http, clock } = context;
  return createToggleActuator({
    ...rest,
    http,
    clock,
    place: placeOf(way),
    change: (values, signal) => makeEffective(way, context, values, signal),
  });
}

async function makeEffective(
  { change, timeoutMs }: ToggleWay,
  { env, progress, onChange, onPart }: WayContext,
  values: Toggles,
  signal: AbortSignal | undefined,
): Promise<void> {
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
        onChange,
        onSpawn: (pid) => onPart?.(pid),
      }));
    case 'command': {
      const { command, cwd, secrets } = change;
      return runCommand({
        command,
        cwd,
        secrets,
        timeoutMs,
        signal,
        env: { ...env, ...values },
        onSpawn: onChange,
      });
    }
    default:
      return unreachable(change);
  }
}
