import type { UndoStep } from '../event/catalogue.ts';
import type { Draft } from '../event/envelope.ts';
import type { Json } from '../kernel/json.ts';
import type { ProcessId } from '../kernel/ports.ts';
import type { Pending, Recipe } from './recipe.ts';

/**
 * What changes the world in one way: Toxiproxy, the processes of a target, its toggles, a project's own. It knows
 * nothing of experiments; whoever uses it plans a `Change` of it.
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
  /** Longest that its undo by the guard waits for a process that is still making the change. Default 0 ms. */
  readonly waitMs?: number;
  /**
   * Makes the change, reads it back and returns what was read.
   * @throws {SiagaError} `fault-not-set` and its like (exit 3) where it reads back otherwise; what was changed is left
   * for the undo.
   */
  inject(reporter: Reporter): Promise<Json>;
  /** Looks whether it is still as it was made. Rejects where that cannot be told. */
  confirm(): Promise<ReadBack>;
  /** Idempotent and bounded in time. Never rejects. */
  undo(reporter: Reporter): Promise<Undone>;
}

/** Whom an effect tells what it is doing, while it does it. */
export interface Reporter {
  /** It is undone another way from here on. Resolves once the guard knows, or has gone. Never rejects. */
  replan(recipe: Recipe): Promise<void>;
  /** A process that makes the change and ends with it. Resolves once the guard knows of it, or has gone. Never rejects. */
  changing(process: ProcessId): Promise<void>;
  /** A process that was started and stays: a part of the target. */
  started(process: ProcessId): void;
  /** What happened on the way, to be written down at once. */
  write(draft: Draft): void;
}

export type ReadBack =
  | { readonly state: 'as-set' }
  | { readonly state: 'gone'; readonly why: string }
  | { readonly state: 'differs'; readonly got: string; readonly allowed: string };

/** How an undo ended. */
export type Undone =
  | { readonly done: true; readonly step: UndoStep }
  | {
      readonly done: false;
      readonly why: UndoFailure;
      readonly tried: readonly string[];
      /** What still reads otherwise, where one change is of several values. */
      readonly left?: readonly Difference[];
    };

/** No answer in time at any step · nobody listens · it was done and is still there · anything else. */
export type UndoFailure = 'silent' | 'refused' | 'left' | 'other';

/** One value that does not read as it should. */
export interface Difference {
  readonly name: string;
  readonly got: string;
  readonly wanted: string;
}

/** A process beside the runner that undoes everything should the runner die. */
export interface Guard {
  /** Value of `SIAGA_OWNER` for every child, so that even those not yet announced are found. */
  readonly owner: string;
  /** Its process number, once it runs. */
  readonly pid?: number | undefined;
  /** Hands a child over: ended should the runner die. */
  own(pid: number): void;
  /**
   * Resolves once the guard has confirmed that it knows how to undo this change; only then may it be made. Another of
   * the same id takes its place.
   */
  pending(pending: Pending): Promise<void>;
  /** This change is undone, and reads back so; or it is left to a person. */
  settled(id: string): void;
  /** Aborts should the guard itself die. */
  readonly lost: AbortSignal;
  /** All is undone: the guard ends without doing anything. */
  done(): Promise<void>;
}
