import { Change } from '../effect/change.ts';
import type { Difference } from '../effect/contract.ts';
import type { ToggleChanges } from '../effect/recipe.ts';
import { differencesOf, wordsOf } from '../effect/toggle/set.ts';
import { readToggles } from '../toggle/read.ts';
import type { ExperimentContext } from './context.ts';
import type { AnyExperiment } from './definition.ts';
import type { Progress } from './progress.ts';
import { Stop } from './stop.ts';

type Toggles = Readonly<Record<string, string>>;

const undoAttempts = 3;
const retryMs = 5_000;

/** The toggles of the system while an experiment runs: what was changed goes back to what it was. */
export class ToggleSession {
  readonly #experiment: AnyExperiment;
  readonly #context: ExperimentContext;
  #found: Toggles = {};
  /** The last change, whose undo undoes those before it too. */
  #change: Change | undefined;
  #changes: ToggleChanges = {};
  #containing: Promise<void> | undefined;
  #answered = 0;
  #attempts = 0;
  #nextAttempt = 0;
  #left: readonly Difference[] = [];

  constructor(experiment: AnyExperiment, context: ExperimentContext) {
    this.#experiment = experiment;
    this.#context = context;
  }

  /** Whether something is set that has not been read back as it was. */
  get dirty(): boolean {
    return this.#change !== undefined;
  }

  /** What still reads back otherwise after the last attempt to undo it. */
  get left(): readonly Difference[] {
    return this.dirty ? this.#left : [];
  }

  /** Reads the toggles, insists that they are normal, and sets what the experiment prepares. */
  async prepare(): Promise<void> {
    const { toggles, judge } = this.#context;
    const read = await this.#read();
    if (toggles && !read) throw new Stop('steady-state', 'the toggles cannot be read from the system');
    const abnormal = read ? differencesOf(read, judge.normalToggles) : [];
    if (abnormal.length > 0) throw new Stop('steady-state', `toggles are not normal: ${wordsOf(abnormal)}`);
    this.#found = read ?? {};
    await this.#set(this.#experiment.prepare ?? {}, 'prepare');
  }

  /** Sets the containment, once. */
  contain(): Promise<void> {
    this.#containing ??= this.#contain(this.#experiment.containment ?? {});
    return this.#containing;
  }

  /** Read once more: a person may have changed a toggle since the experiment began, and gets it back so. */
  async #contain(values: Toggles): Promise<void> {
    if (Object.keys(values).length === 0) return;
    this.#found = (await this.#read()) ?? this.#found;
    await this.#set(values, 'contain');
  }

  async #set(values: Toggles, purpose: 'prepare' | 'contain'): Promise<void> {
    const names = Object.keys(values);
    if (names.length === 0) return;
    const { toggles, journal } = this.#context;
    if (!toggles)
      throw new Stop('could-not-run', `the target has no way to set toggles: ${names.join(', ')}`);
    const { via, place } = toggles;
    const spec = { values, purpose, found: this.#found, earlier: this.#changes };
    const effect = await toggles.prepare(spec);
    const before = Object.fromEntries(names.map((name) => [name, effect.changes[name]?.before ?? '']));
    const data = { experiment: this.#experiment.name, values, before, purpose, via, place };
    this.#change = await Change.plan(
      {
        effect,
        pending: { id: `${journal.run} toggles`, order: 'then' },
        planned: { type: 'toggle.planned', data },
      },
      this.#context,
    );
    this.#changes = effect.changes;
    await this.#change.apply();
  }

  /** Undoes the changes whenever the incident engine proposes it, or where there is no incident to wait for. */
  async follow(progress: Progress, nobodyWillPropose: boolean): Promise<void> {
    const { clock } = this.#context;
    const proposed = progress.proposals > this.#answered;
    const again = this.#attempts > 0 && this.dirty && clock.monotonic() >= this.#nextAttempt;
    if (this.dirty ? proposed || again || nobodyWillPropose : false) await this.undo();
    // Nothing of ours to undo; the engine still wants to know how the system is configured.
    else if (proposed) await this.#read();
    this.#answered = progress.proposals;
  }

  /** Undoes everything that was changed and reads it back. Never rejects. */
  async undo(): Promise<void> {
    await this.#containing?.catch(() => undefined);
    if (!this.#change || this.#attempts >= undoAttempts) return;
    this.#attempts += 1;
    this.#nextAttempt = this.#context.clock.monotonic() + retryMs;
    const undone = await this.#change.undo();
    this.#left = undone.done ? [] : (undone.left ?? []);
    if (!undone.done) return;
    this.#change = undefined;
    this.#changes = {};
    this.#attempts = 0;
  }

  /** As `undo`, for the last time: what is left then is a person's, and no guard restarts the system for it. */
  async end(): Promise<void> {
    await this.undo();
    this.#change?.release();
  }

  /** Reads the toggles and writes down what was read. `undefined` where not every one of the runbook's was told. */
  async #read(): Promise<Toggles | undefined> {
    const { toggles, journal, judge } = this.#context;
    if (!toggles) return undefined;
    const data = await readToggles(toggles, judge.normalToggles);
    journal.append({ type: 'toggle.read', data });
    return data.ok ? data.values : undefined;
  }
}
