import type { Pending, Settled } from '../../../effect/recipe.ts';
import { undoToggles } from '../../../effect/toggle/undo.ts';
import type { Draft } from '../../../event/envelope.ts';
import type { ReplayContext, Replayer } from '../../../guard/policy.ts';
import { createHttpProbe } from '../../http.ts';
import { systemClock } from '../../system.ts';
import { actuatorOf } from '../../toggle-method.ts';

/** Sets toggles that a dead runner had changed to what they were before. */
export const togglesReplayer = (context: ReplayContext): Replayer => ({
  // It tries several times itself.
  attempts: 1,
  undo: (pending) => Promise.all(pending.map((each) => undo(each, context))),
});

async function undo({ id, recipe }: Pending, { by, progress }: ReplayContext): Promise<Settled> {
  if (recipe.replay !== 'toggles') return { id, outcome: 'already-gone' };
  const { method, normal, changes } = recipe;
  const http = createHttpProbe();
  const clock = systemClock;
  const events: Draft[] = [];
  try {
    const values = await undoToggles({
      actuator: actuatorOf(method, { http, clock, env: process.env, progress }),
      clock,
      normal,
      changes,
      by,
      write: (draft) => void events.push({ ...draft, at: clock.now() }),
    });
    const { left, others, reason = 'set once more' } = values;
    const told = { id, events, values };
    if (Object.keys(left).length > 0) return { ...told, outcome: 'stuck', tried: [reason] };
    return others.length > 0
      ? { ...told, outcome: 'others' }
      : { ...told, outcome: 'undone', step: 'undone' };
  } finally {
    http.close();
  }
}
