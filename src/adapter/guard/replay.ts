import type { Undone } from '../../effect/contract.ts';
import type { Recipe } from '../../effect/recipe.ts';
import { messageOf } from '../../kernel/errors.ts';

/** Undoes by a recipe what a dead process left. Never rejects. */
export async function replay(recipe: Recipe): Promise<Undone> {
  try {
    return await byRecipe(recipe);
  } catch (error) {
    return { done: false, why: 'other', tried: [messageOf(error)] };
  }
}

// Each is loaded when it is needed: the guard must be up at once.
async function byRecipe(recipe: Recipe): Promise<Undone> {
  switch (recipe.replay) {
    case 'process': {
      const { continueProcess } = await import('../effect/process.ts');
      return continueProcess(recipe.process);
    }
    case 'command': {
      const { isAlive } = await import('../../tools/process.ts');
      if (recipe.unless && isAlive(recipe.unless)) return { done: true, rung: 'already-gone' };
      const { runCommand } = await import('../toggle-command.ts');
      await runCommand({ ...recipe, env: { ...process.env, ...recipe.env } });
      return { done: true, rung: 'restarted' };
    }
    case 'toxiproxy':
    case 'toggles':
    case 'module':
      return { done: false, why: 'other', tried: [`this guard does not undo by ${recipe.replay}`] };
    default:
      return recipe satisfies never;
  }
}
