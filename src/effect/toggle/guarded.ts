import type { ProcessId } from '../../kernel/ports.ts';
import type { ToggleActuator } from '../../toggle/ports.ts';
import type { ToggleWay } from '../../toggle/way.ts';
import type { Pending, ToggleChanges } from '../recipe.ts';
import { without, withPlanned } from './owed.ts';
import type { PlannedChange } from './owed.ts';

/** Toggles of a system that a run may leave changed: somebody beside it knows what to put back, should it die. */
export interface GuardedToggles extends ToggleActuator {
  /** Resolves once this change is known elsewhere; only then may it be made. */
  changing(change: PlannedChange): Promise<void>;
  /** These read back as before again. */
  restored(names: readonly string[]): void;
}

/** What is told to the guard. */
interface Confidant {
  pending(pending: Pending): Promise<void>;
  settled(id: string): void;
}

export interface ToggleWatch extends Pick<GuardedToggles, 'changing' | 'restored'> {
  /** A process that is making the change: it is waited for before anything is undone. Resolves once that is known. */
  readonly made: (by: ProcessId) => Promise<void>;
}

/** Keeps the guard told of all toggles that a run has changed and not put back. */
export function watchChanges(
  run: string,
  guard: Confidant,
  { way, normal }: { readonly way: ToggleWay; readonly normal: Readonly<Record<string, string>> },
): ToggleWatch {
  const id = `${run} toggles`;
  let changes: ToggleChanges = {};
  let processes: readonly ProcessId[] = [];
  const tell = () =>
    guard.pending({
      id,
      order: 'then',
      waitFor: { processes, waitMs: way.timeoutMs },
      recipe: { replay: 'toggles', way, normal, changes },
    });
  return {
    changing(change) {
      changes = withPlanned(changes, change);
      return tell();
    },
    restored(names) {
      changes = without(changes, names);
      if (Object.keys(changes).length === 0) guard.settled(id);
      // Whoever loses its guard learns so elsewhere.
      else tell().catch(() => undefined);
    },
    async made(by) {
      processes = [...processes, by];
      if (Object.keys(changes).length > 0) await tell().catch(() => undefined);
    },
  };
}

/** Toggles of a system that ends with its run, and its changes with it. */
export const unguarded = (actuator: ToggleActuator): GuardedToggles => ({
  ...actuator,
  changing: () => Promise.resolve(),
  restored: () => undefined,
});
