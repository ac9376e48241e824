import { toMs } from '../kernel/to-ms.ts';
import type { Running } from '../exercise/drill.ts';
import { watchToggles } from '../exercise/toggle-watch.ts';
import { toggleDriver } from '../effect/toggle/driver.ts';
import type { ToggleDriver } from '../effect/toggle/driver.ts';
import { readToggles } from '../toggle/read.ts';
import type { ToggleMethod } from '../toggle/method.ts';
import type { ResolvedTarget } from './resolve-target.ts';
import type { Session } from './session-types.ts';

// The restart itself is bounded by the launcher; what does not read back soon after it did not take.
const restartTimeoutMs = 15_000;
const readEveryMs = 1_000;
const nothing = (): Promise<void> => Promise.resolve();

/** A target whose toggles are asked for. */
export interface Toggled extends Pick<ResolvedTarget, 'definition' | 'url' | 'toggles' | 'secrets'> {
  readonly isReference: boolean;
  readonly projectDir: string;
}

/** How a target's toggles are read and set; `undefined` where they cannot be. */
export function toggleMethod(target: Toggled): ToggleMethod | undefined {
  const reading = readingMethod(target);
  if (reading === undefined) return undefined;
  const { isReference, projectDir, secrets, definition } = target;
  if (isReference) {
    return { ...reading, via: 'environment and restart', change: { kind: 'restart', projectDir } };
  }
  const apply = definition.toggles?.apply;
  if (apply === undefined) return undefined;
  const { command, timeout } = apply;
  const via = `environment and ${command[0] ?? 'command'}`;
  return {
    ...reading,
    via,
    change: { kind: 'command', command, cwd: projectDir, secrets },
    timeoutMs: toMs(timeout),
  };
}

/** How a target's toggles are read. */
export function readingMethod({ toggles, definition, url }: Toggled): ToggleMethod | undefined {
  if (toggles === undefined) return undefined;
  return {
    via: 'reading',
    read: toggles,
    ...(definition.ready !== undefined && { readyUrl: `${url}${definition.ready}` }),
    ...(definition.ca !== undefined && { ca: definition.ca }),
    change: { kind: 'none' },
    timeoutMs: restartTimeoutMs,
  };
}

const toggledOf = ({ target, project }: Session): Toggled => ({
  ...target,
  isReference: target.reference !== undefined,
  projectDir: project.dir,
});

/**
 * What sets the toggles of a session's target. What this run started ends with it, toggles and all: then there is
 * nothing for the guard to undo, and a restart under way is ended too.
 */
export function toggleDriverOf(session: Session): ToggleDriver | undefined {
  const { platform, judge, target } = session;
  const method = toggleMethod(toggledOf(session));
  if (method === undefined) return undefined;
  const endsWithRun = target.reference?.startedHere === true;
  return toggleDriver({
    actuator: platform.toggleActuator(method),
    clock: platform.clock,
    normal: judge.normalToggles,
    ...(!endsWithRun && { method }),
  });
}

/** Reads the target's toggles once and writes what they are; `undefined` where nothing says how they are read. */
export function toggleReader(session: Session): (() => Promise<void>) | undefined {
  const { journal, platform, judge, signal } = session;
  const method = readingMethod(toggledOf(session));
  if (method === undefined) return undefined;
  const actuator = platform.toggleActuator(method);
  return async () => {
    const data = await readToggles(actuator, judge.normalToggles, signal);
    journal.append({ type: 'toggle.read', data });
  };
}

/** Reads the target's toggles while it is sampled: without them nothing is known to be normal, and nothing recovers. */
export function watchTargetToggles(session: Session): Running {
  const { journal, platform, judge, target } = session;
  const method = readingMethod(toggledOf(session));
  if (method !== undefined) {
    const actuator = platform.toggleActuator(method);
    return watchToggles({
      journal,
      clock: platform.clock,
      actuator,
      normal: judge.normalToggles,
      everyMs: readEveryMs,
      bucketMs: judge.bucketMs,
    });
  }
  if (Object.keys(judge.normalToggles).length > 0) {
    const message = `the toggles of target ${target.name} cannot be read, so no incident of it can be declared RECOVERED`;
    const hint = 'say in siaga.config.ts where they are read: toggles: { read: { url } }';
    journal.append({ type: 'run.problem', data: { code: 'toggles-unknown', message, hint } });
  }
  return { stop: nothing };
}
