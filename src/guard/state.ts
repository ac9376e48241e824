import type { Pending } from '../effect/recipe.ts';
import type { ProcessId } from '../kernel/ports.ts';

/** One line of JSON from the runner to its guard. `ack` asks for the same number back, on a line of its own. */
export type GuardLine =
  | ({ readonly kind: 'own' } & ProcessId)
  | { readonly kind: 'pending'; readonly pending: Pending; readonly ack: number }
  | { readonly kind: 'settled'; readonly id: string }
  | { readonly kind: 'done' };

/** What a guard answers with as soon as it listens. */
export const readyLine = 'ready';

/** What the guard knows of its runner: a fold over the lines. */
export interface GuardState {
  /** Children of the runner. */
  readonly owned: readonly ProcessId[];
  readonly pending: readonly Pending[];
  readonly done: boolean;
}

export const nothing: GuardState = { owned: [], pending: [], done: false };

export function take(state: GuardState, line: GuardLine): GuardState {
  switch (line.kind) {
    case 'own':
      return { ...state, owned: [...state.owned, { pid: line.pid, startTime: line.startTime }] };
    case 'pending':
      return { ...state, pending: withPending(state.pending, line.pending) };
    case 'settled':
      return { ...state, pending: state.pending.filter(({ id }) => id !== line.id) };
    case 'done':
      return { ...state, done: true };
  }
}

function withPending(all: readonly Pending[], pending: Pending): readonly Pending[] {
  if (!all.some(({ id }) => id === pending.id)) return [...all, pending];
  return all.map((each) => (each.id === pending.id ? pending : each));
}

/** What the guard may not write down. */
export const secretsOf = (pending: readonly Pending[]): readonly string[] =>
  pending.flatMap(({ recipe }) => ('secrets' in recipe ? recipe.secrets : []));
