import { toMs } from '../kernel/duration.ts';
import type { ToggleActuator } from '../toggle/ports.ts';
import type { Session } from './session-types.ts';

// The restart itself is bounded by the launcher; what does not read back soon after it did not take.
const restartTimeoutMs = 15_000;

/** How this target's toggles are read and set; `undefined` where it has none. */
export function actuatorOf({ target, world, project, guard }: Session): ToggleActuator | undefined {
  const { toggles, reference, definition, url } = target;
  if (toggles === undefined) return undefined;
  const common = {
    http: world.http,
    clock: world.clock,
    read: toggles,
    ...(definition.ready !== undefined && { readyUrl: `${url}${definition.ready}` }),
    ...(definition.ca !== undefined && { ca: definition.ca }),
  };
  if (reference !== undefined) {
    const change = async (values: Readonly<Record<string, string>>) =>
      void (await reference.restartApi({ ...world.env, ...values }));
    return world.toggleActuator({
      ...common,
      via: 'environment and restart',
      change,
      timeoutMs: restartTimeoutMs,
    });
  }
  const apply = definition.toggles?.apply;
  if (apply === undefined) return undefined;
  const timeoutMs = toMs(apply.timeout);
  const change = (values: Readonly<Record<string, string>>, signal?: AbortSignal) =>
    world.runCommand({
      command: apply.command,
      cwd: project.dir,
      env: { ...world.env, ...values },
      timeoutMs,
      signal,
      onSpawn: (pid) => guard.own(pid),
      secrets: target.secrets,
    });
  return world.toggleActuator({
    ...common,
    via: `environment and ${apply.command[0] ?? 'command'}`,
    change,
    timeoutMs,
  });
}
