import { draftsOf } from '../effect/ledger.ts';
import type { Pending, Recipe, Settled, Undoer } from '../effect/recipe.ts';
import type { Draft } from '../event/envelope.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Clock, ProcessId, Progress } from '../kernel/ports.ts';

/** Undoes what its recipes say. Bounded in time, and never rejects. */
export interface Replayer {
  undo(pending: readonly Pending[]): Promise<readonly Settled[]>;
  /** How often at most it is called for what stays stuck. */
  readonly attempts: number;
}

/** For what a replayer is made. */
export interface ReplayContext {
  /** Everything that is pending. */
  readonly all: readonly Pending[];
  readonly by: Undoer;
  readonly progress: Progress;
}

export type LoadReplayer = () => Promise<(context: ReplayContext) => Replayer>;

/** Kinds with the same loader are undone together. */
export type Replayers = { readonly [K in Recipe['replay']]: LoadReplayer };

export interface Undoing {
  readonly clock: Clock;
  readonly replayers: Replayers;
  /** Ends the runner's children, and those that it had no time to announce. Never rejects. */
  readonly endChildren: () => Promise<void>;
  /** Resolves when the process has ended: by itself, or by force after the time. Never rejects. */
  readonly outlast: (process: ProcessId, ms: number) => Promise<void>;
  /** Told of what happened once the faults are out, and at the end. Never rejects. */
  readonly report: (drafts: readonly Draft[]) => Promise<void>;
}

const retryMs = 1_000;
const giveUpAfterMs = 60_000;
// What comes after the faults waits for them to be out, but not for a place that is gone.
const thenAfterMs = 4_000;

/**
 * Undoes everything that a dead runner left: at once what breaks the system, then what is slow to undo, and last what
 * keeps other runs away. Never rejects.
 */
export async function undoEverything(all: readonly Pending[], undoing: Undoing): Promise<void> {
  const { clock, endChildren } = undoing;
  const undo = new Undo(all, undoing);
  const first = await undo.begin('first');
  await endChildren();
  if (all.some(({ order }) => order === 'then')) {
    await atMost(first.ended, thenAfterMs, clock);
    await undo.report();
    await (
      await undo.begin('then')
    ).ended;
  }
  await first.ended;
  await (
    await undo.begin('last')
  ).ended;
  await undo.report();
}

async function atMost(work: Promise<unknown>, ms: number, clock: Clock): Promise<void> {
  const patience = new AbortController();
  const over = clock.sleep(ms, patience.signal).catch(() => undefined);
  await Promise.race([work, over]);
  patience.abort();
}

class Undo {
  readonly #all: readonly Pending[];
  readonly #undoing: Undoing;
  readonly #until: number;
  readonly #replayers = new Map<LoadReplayer, Promise<Replayer>>();
  readonly #ends = new Map<string, Settled>();
  readonly #reported = new Set<Settled>();

  constructor(all: readonly Pending[], undoing: Undoing) {
    this.#all = all;
    this.#undoing = undoing;
    this.#until = undoing.clock.monotonic() + giveUpAfterMs;
  }

  /** Resolves once everything of this order is being undone. */
  async begin(order: Pending['order']): Promise<{ readonly ended: Promise<unknown> }> {
    const groups = this.#groups(this.#all.filter((pending) => pending.order === order));
    const loaded = await Promise.all(
      groups.map(async (group) => ({ group, replayer: await this.#replayerOf(group) })),
    );
    return { ended: Promise.all(loaded.map(({ group, replayer }) => this.#undo(group, replayer))) };
  }

  /** What has to wait for a process waits alone. */
  #groups(due: readonly Pending[]): readonly (readonly Pending[])[] {
    const waiting = due.filter(({ waitFor }) => waitFor !== undefined);
    const ready = due.filter(({ waitFor }) => waitFor === undefined);
    const together = Map.groupBy(ready, ({ recipe }) => this.#undoing.replayers[recipe.replay]);
    return [...together.values(), ...waiting.map((pending) => [pending])];
  }

  #replayerOf([first]: readonly Pending[]): Promise<Replayer> {
    const load = first && this.#undoing.replayers[first.recipe.replay];
    if (load === undefined) return Promise.resolve(unloadable('this guard knows no such undo'));
    const known = this.#replayers.get(load);
    const replayer =
      known ??
      load().then(
        (make) => make({ all: this.#all, by: 'guard', progress: () => undefined }),
        (error: unknown) => unloadable(messageOf(error)),
      );
    this.#replayers.set(load, replayer);
    return replayer;
  }

  async #undo(group: readonly Pending[], replayer: Replayer): Promise<void> {
    const { clock, outlast } = this.#undoing;
    await Promise.all(
      group.flatMap(({ waitFor }) => waitFor?.processes.map((each) => outlast(each, waitFor.waitMs)) ?? []),
    );
    let left = group;
    for (let n = 1; left.length > 0; n++) {
      const settled = await replayer.undo(left);
      for (const each of settled) this.#ends.set(each.id, each);
      const stuck = settled.filter(({ outcome }) => outcome === 'stuck').map(({ id }) => id);
      left = left.filter(({ id }) => stuck.includes(id));
      if (n >= replayer.attempts || clock.monotonic() >= this.#until) return;
      if (left.length > 0) await clock.sleep(retryMs);
    }
  }

  /** Tells what has ended since the last time. */
  async report(): Promise<void> {
    const news = this.#all.flatMap((pending) => {
      const end = this.#ends.get(pending.id);
      if (end === undefined || this.#reported.has(end)) return [];
      this.#reported.add(end);
      return draftsOf(pending, end, 'guard');
    });
    await this.#undoing.report(news);
  }
}

const unloadable = (why: string): Replayer => ({
  undo: (pending) => Promise.resolve(pending.map(({ id }) => ({ id, outcome: 'stuck', tried: [why] }))),
  attempts: 1,
});
