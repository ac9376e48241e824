import type { ExperimentContext } from './context.ts';
import type { AnyExperiment } from './definition.ts';
import type { Progress } from './progress.ts';
import { Stop } from './stop.ts';
import { changeToggles, deviations, readToggles, restoreToggles, wordsOf } from './toggling.ts';
import type { Deviation, Toggles } from './toggling.ts';

const restoreAttempts = 3;
const retryMs = 5_000;

/** The toggles of the system while an experiment runs: what was changed goes back to what it was. */
export class ToggleSession {
  readonly #experiment: AnyExperiment;
  readonly #context: ExperimentContext;
  #originals: Toggles = {};
  /** What was changed, and what it was before. */
  readonly #changed = new Map<string, string>();
  #containing: Promise<void> | undefined;
  #answered = 0;
  #attempts = 0;
  #nextAttempt = 0;
  #left: readonly Deviation[] = [];

  constructor(experiment: AnyExperiment, context: ExperimentContext) {
    this.#experiment = experiment;
    this.#context = context;
  }

  /** Whether something is set that has not been read back as it was. */
  get dirty(): boolean {
    return this.#changed.size > 0;
  }

  /** What still reads back otherwise after the last attempt to restore. */
  get left(): readonly Deviation[] {
    return this.dirty ? this.#left : [];
  }

  /** Reads the toggles, insists that they are normal, and sets what the experiment prepares. */
  async prepare(): Promise<void> {
    const { toggles, judge } = this.#context;
    const read = await readToggles(this.#context);
    if (toggles && !read) throw new Stop('steady-state', 'the toggles cannot be read from the system');
    const abnormal = read ? deviations(read, judge.normalToggles) : [];
    if (abnormal.length > 0) throw new Stop('steady-state', `toggles are not normal: ${wordsOf(abnormal)}`);
    this.#originals = read ?? {};
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
    this.#originals = (await readToggles(this.#context)) ?? this.#originals;
    await this.#set(values, 'contain');
  }

  async #set(values: Toggles, purpose: 'prepare' | 'contain'): Promise<void> {
    const names = Object.keys(values);
    if (names.length === 0) return;
    const before = Object.fromEntries(
      names.map((name) => [name, this.#changed.get(name) ?? this.#original(name)]),
    );
    for (const name of names) this.#changed.set(name, before[name] ?? '');
    const wrong = await changeToggles(this.#context, this.#experiment.name, { values, before }, purpose);
    if (wrong.length > 0)
      throw new Stop('could-not-run', `toggles to ${purpose} did not take: ${wordsOf(wrong)}`);
  }

  /** Puts the toggles back whenever the incident engine proposes it, or where there is no incident to wait for. */
  async follow(progress: Progress, nobodyWillPropose: boolean): Promise<void> {
    const { clock } = this.#context;
    const proposed = progress.proposals > this.#answered;
    const again = this.#attempts > 0 && this.dirty && clock.monotonic() >= this.#nextAttempt;
    if (this.dirty ? proposed || again || nobodyWillPropose : false) await this.restore();
    // Nothing of ours to put back; the engine still wants to know how the system is configured.
    else if (proposed) await readToggles(this.#context);
    this.#answered = progress.proposals;
  }

  /** Sets everything that was changed back and reads it back. Never rejects. */
  async restore(): Promise<void> {
    await this.#containing?.catch(() => undefined);
    if (!this.dirty || this.#attempts >= restoreAttempts) return;
    this.#attempts += 1;
    this.#nextAttempt = this.#context.clock.monotonic() + retryMs;
    this.#left = await restoreToggles(this.#context, Object.fromEntries(this.#changed));
    if (this.#left.length > 0) return;
    this.#changed.clear();
    this.#attempts = 0;
  }

  #original(name: string): string {
    return this.#originals[name] ?? this.#context.judge.normalToggles[name] ?? '';
  }
}
