import type { Pending, Settled } from '../../../effect/recipe.ts';
import type { Replayer } from '../../../guard/policy.ts';
import { messageOf } from '../../../kernel/errors.ts';
import { isAlive } from '../../../tools/process.ts';
import { runCommand } from '../../toggle-command.ts';

/** Runs the commands that undo what a dead runner did. */
export const commandReplayer = (): Replayer => ({
  attempts: 3,
  undo: (pending) => Promise.all(pending.map(undo)),
});

async function undo({ id, recipe }: Pending): Promise<Settled> {
  if (recipe.replay !== 'command') return { id, outcome: 'already-gone' };
  const { env, unless, step = 'undone', ...how } = recipe;
  if (unless && isAlive(unless)) return { id, outcome: 'already-gone' };
  try {
    await runCommand({ ...how, env: { ...process.env, ...env }, purpose: 'undoes this' });
    return { id, outcome: 'undone', step };
  } catch (error) {
    return { id, outcome: 'stuck', tried: [messageOf(error)] };
  }
}
