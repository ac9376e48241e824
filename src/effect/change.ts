import type { Draft, Journal } from '../event/envelope.ts';
import type { Json } from '../kernel/json.ts';
import type { Clock, ProcessId } from '../kernel/ports.ts';
import type { Effect, Guard, Reporter, Undone } from './contract.ts';
import type { Pending, Recipe } from './recipe.ts';

export interface ChangeRequest {
  readonly effect: Effect;
  /** What the guard is told beside the recipe. */
  readonly pending: Omit<Pending, 'recipe' | 'waitFor'>;
  /** What is written before anything is touched. */
  readonly planned: Draft;
}

export interface ChangeTools {
  readonly journal: Pick<Journal, 'append'>;
  readonly guard: Pick<Guard, 'pending' | 'settled' | 'own'>;
  readonly clock: Clock;
}

const retryMs = 500;

/**
 * A change to the world, from its plan to its undo: written down, known to the guard, made and read back, undone and
 * read back. Whoever plans it undoes it, also where making it failed.
 */
export class Change {
  readonly #request: ChangeRequest;
  readonly #tools: ChangeTools;
  readonly #reporter: Reporter;
  #recipe: Recipe | undefined;
  #processes: readonly ProcessId[] = [];

  private constructor(request: ChangeRequest, tools: ChangeTools) {
    this.#request = request;
    this.#tools = tools;
    this.#recipe = request.effect.recipe;
    this.#reporter = {
      replan: (recipe) => this.#again(() => (this.#recipe = recipe)),
      changing: (process) => this.#changing(process),
      started: (process) => this.#own(process),
      write: (draft) => void tools.journal.append(draft),
    };
  }

  /** Writes it down and tells the guard how it is undone: only then may it be made. */
  static async plan(request: ChangeRequest, tools: ChangeTools): Promise<Change> {
    const change = new Change(request, tools);
    tools.journal.append(request.planned);
    await change.#tell();
    return change;
  }

  /** Makes it and returns what reads back. Rejects as `Effect.inject`. */
  apply(): Promise<Json> {
    return this.#request.effect.inject(this.#reporter);
  }

  /** Never rejects. */
  async undo(attempts = 1): Promise<Undone> {
    const { effect } = this.#request;
    let undone = await effect.undo(this.#reporter);
    for (let n = 1; n < attempts && !undone.done; n++) {
      await this.#tools.clock.sleep(retryMs);
      undone = await effect.undo(this.#reporter);
    }
    if (undone.done) this.release();
    return undone;
  }

  /** The guard undoes it no more: it is undone, or left to a person. */
  release(): void {
    if (this.#recipe) this.#tools.guard.settled(this.#request.pending.id);
  }

  async #tell(): Promise<void> {
    const [recipe, processes] = [this.#recipe, this.#processes];
    if (!recipe) return;
    const { pending, effect } = this.#request;
    const waitFor = processes.length > 0 && { waitFor: { processes, waitMs: effect.waitMs ?? 0 } };
    await this.#tools.guard.pending({ ...pending, ...waitFor, recipe });
  }

  // Without its guard what was begun goes on all the same: whoever has lost it learns so elsewhere.
  async #again(change: () => void): Promise<void> {
    change();
    await this.#tell().catch(() => undefined);
  }

  #changing(process: ProcessId): Promise<void> {
    this.#own(process);
    return this.#again(() => (this.#processes = [...this.#processes, process]));
  }

  /** What ends with this process takes with it what was started for it. */
  #own({ pid }: ProcessId): void {
    if (!this.#recipe) this.#tools.guard.own(pid);
  }
}
