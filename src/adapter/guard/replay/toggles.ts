import { undoToggles } from '../../../effect/toggle/undo.ts';
import type { Pending, Recipe, Settled } from '../../../effect/recipe.ts';
import type { Draft } from '../../../event/envelope.ts';
import type { Replayer } from '../../../guard/policy.ts';
import { createHttpProbe } from '../../http.ts';
import { systemClock } from '../../system.ts';
import { actuatorOfWay } from '../../toggle-way.ts';

/** Puts back the toggles that a dead runner had changed. */
export const togglesReplayer = (): Replayer => ({
  // It tries several times itself.
  attempts: 1,
  undo: (pending) => Promise.all(pending.map(undo)),
});

async function undo({ id, recipe }: Pending): Promise<Settled> {
  if (recipe.replay !== 'toggles') return { id, outcome: 'already-gone' };
  const events: Draft[] = [];
  const { left, others, reason } = await undoIn(recipe, (draft) => events.push(draft));
  if (Object.keys(left).length > 0)
    return { id, events, outcome: 'stuck', tried: [reason ?? 'set once more'] };
  return others.length > 0
    ? { id, events, outcome: 'others' }
    : { id, events, outcome: 'undone', step: 'undone' };
}

async function undoIn(
  { way, normal, changes }: Extract<Recipe, { replay: 'toggles' }>,
  write: (draft: Draft) => void,
) {
  const http = createHttpProbe();
  const context = { http, clock: systemClock, env: process.env, progress: () => undefined };
  try {
    return await undoToggles({
      actuator: actuatorOfWay(way, context),
      clock: systemClock,
      normal,
      changes,
      by: 'guard',
      write: (draft) => write({ ...draft, at: systemClock.now() }),
    });
  } finally {
    http.close();
  }
}
