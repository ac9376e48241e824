import { fileURLToPath } from 'node:url';
import type { Pending, Settled } from '../../../effect/recipe.ts';
import type { Replayer } from '../../../guard/policy.ts';
import { messageOf } from '../../../kernel/errors.ts';
import { moduleUrl } from '../../../kernel/place.ts';
import { runCommand } from '../../toggle-command.ts';

/** Calls the functions that undo what a dead runner did. */
export const moduleReplayer = (): Replayer => ({
  attempts: 3,
  undo: (pending) => Promise.all(pending.map(undo)),
});

// A stranger's code: in a process of its own, which can be ended where it hangs.
async function undo({ id, recipe }: Pending): Promise<Settled> {
  if (recipe.replay !== 'module') return { id, outcome: 'already-gone' };
  const { folder, file, kind, data, timeoutMs } = recipe;
  const entry = fileURLToPath(moduleUrl('guard'));
  try {
    await runCommand({
      command: [process.execPath, entry, '--undo', kind, '--file', file, '--project', folder],
      cwd: folder,
      env: process.env,
      input: JSON.stringify(data),
      timeoutMs,
      purpose: 'undoes this',
    });
    return { id, outcome: 'undone', step: 'undone' };
  } catch (error) {
    return { id, outcome: 'stuck', tried: [messageOf(error)] };
  }
}
