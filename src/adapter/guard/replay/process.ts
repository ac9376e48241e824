import type { Pending, Settled } from '../../../effect/recipe.ts';
import type { Replayer } from '../../../guard/policy.ts';
import { continueProcess } from '../../effect/process.ts';

/** Lets processes go on that a dead runner had stopped. */
export const processReplayer = (): Replayer => ({
  attempts: Infinity,
  undo: (pending) => Promise.all(pending.map(undo)),
});

async function undo({ id, recipe }: Pending): Promise<Settled> {
  if (recipe.replay !== 'process') return { id, outcome: 'already-gone' };
  const undone = await continueProcess(recipe.process);
  if (!undone.done) return { id, outcome: 'stuck', tried: undone.tried };
  if (undone.step === 'already-gone') return { id, outcome: 'already-gone' };
  return { id, outcome: 'undone', step: undone.step };
}
