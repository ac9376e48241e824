import type { HealRung } from '../event/catalogue.ts';
import type { Json } from '../kernel/json.ts';
import type { Recipe } from './recipe.ts';

/**
 * What changes the world in one way: Toxiproxy, the processes of a target, a project's own. It knows nothing of
 * experiments; whoever uses it writes down first what it is about to do, and hands the recipe to the guard.
 */
export interface Driver<Spec> {
  /**
   * Looks at what would be changed, and changes nothing.
   * @throws {SiagaError} where it cannot be changed (exit 2 or 3).
   */
  prepare(spec: Spec): Promise<Effect>;
}

/** One change, ready to be made. */
export interface Effect {
  /** How it is undone where this process cannot; absent where it ends with this process. */
  readonly recipe?: Recipe;
  /**
   * Makes the change, reads it back and returns what was read.
   * @throws {SiagaError} `fault-not-set` (exit 3) where it reads back otherwise; what was changed is left for the undo.
   */
  inject(): Promise<Json>;
  /** Looks whether it is still as it was made. Rejects where that cannot be told. */
  confirm(): Promise<ReadBack>;
  /** Idempotent and bounded in time. Never rejects. */
  undo(): Promise<Undone>;
}

export type ReadBack =
  | { readonly state: 'as-set' }
  | { readonly state: 'gone'; readonly why: string }
  | { readonly state: 'differs'; readonly got: string; readonly allowed: string };

/** How an undo ended. */
export type Undone =
  | { readonly done: true; readonly rung: HealRung }
  | { readonly done: false; readonly why: UndoFailure; readonly tried: readonly string[] };

/** No answer in time at any step · nobody listens · it was done and is still there · anything else. */
export type UndoFailure = 'silent' | 'refused' | 'left' | 'other';
