import type { Pending, Settled } from '../../../effect/recipe.ts';
import { messageOf } from '../../../kernel/errors.ts';
import type { ReplayContext, Replayers } from '../../../guard/policy.ts';

const toxiproxy = async () => (await import('./toxiproxy.ts')).toxiproxyReplayer;

/** How each kind of recipe is replayed. */
export const replayers: Replayers = {
  toxiproxy,
  'toxiproxy-lease': toxiproxy,
  toggles: async () => (await import('./toggles.ts')).togglesReplayer,
  process: async () => (await import('./process.ts')).processReplayer,
  command: async () => (await import('./command.ts')).commandReplayer,
  module: async () => (await import('./module.ts')).moduleReplayer,
};

/** Undoes one change, once. Bounded in time, and never rejects. */
export async function undoPending(pending: Pending, context: Omit<ReplayContext, 'all'>): Promise<Settled> {
  const { id, recipe } = pending;
  try {
    const replayer = (await replayers[recipe.replay]())({ ...context, all: [pending] });
    const [settled] = await replayer.undo([pending]);
    return settled ?? { id, outcome: 'already-gone' };
  } catch (error) {
    return { id, outcome: 'stuck', tried: [messageOf(error)] };
  }
}
