import { toMs } from '../kernel/duration.ts';
import type { Running } from '../exercise/drill.ts';
import { watchToggles } from '../exercise/toggle-watch.ts';
import type { ToggleActuator } from '../toggle/ports.ts';
import type { Session } from './session-types.ts';

// The restart itself is bounded by the launcher; what does not read back soon after it did not take.
const restartTimeoutMs = 15_000;
const readEveryMs = 1_000;
const nothing = (): Promise<void> => Promise.resolve();

/** How this target's toggles are read and set; `undefined` where it has none. */
export function actuatorOf({ target, world, project, guard }: Session): ToggleActuator | undefined {
  const { reference, definition } = target;
  const common = readingOf({ target, world });
  if (common === undefined) return undefined;
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

function readingOf({ target, world }: Pick<Session, 'target' | 'world'>) {
  const { toggles, definition, url } = target;
  if (toggles === undefined) return undefined;
  return {
    http: world.http,
    clock: world.clock,
    read: toggles,
    ...(definition.ready !== undefined && { readyUrl: `${url}${definition.ready}` }),
    ...(definition.ca !== undefined && { ca: definition.ca }),
  };
}

/** Reads the target's toggles while it is sampled: without them nothing is known to be normal, and nothing recovers. */
export function watchTargetToggles(session: Session): Running {
  const { journal, world, judge, target } = session;
  const reading = readingOf(session);
  if (reading !== undefined) {
    const actuator = world.toggleActuator({
      ...reading,
      via: 'reading',
      change: nothing,
      timeoutMs: restartTimeoutMs,
    });
    return watchToggles({
      journal,
      clock: world.clock,
      actuator,
      normal: judge.normalToggles,
      everyMs: readEveryMs,
    });
  }
  if (Object.keys(judge.normalToggles).length > 0) {
    const message = `the toggles of target ${target.name} cannot be read, so no incident of it can be declared RECOVERED`;
    const hint = 'say in siaga.config.ts where they are read: toggles: { read: { url } }';
    journal.append({ type: 'run.problem', data: { code: 'toggles-unknown', message, hint } });
  }
  return { stop: nothing };
}
