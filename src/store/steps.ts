import type { Draft } from '../event/envelope.ts';
import type { Clock } from '../kernel/ports.ts';

// Less than this between two looks is a clock that is being adjusted.
const stepMs = 2_000;

/**
 * Notices steps of the wall clock. A journal asks before each event, so that a step is reported before anything that came
 * after it, and before the buckets it touched are judged.
 */
export class ClockSteps {
  readonly #clock: Clock;
  #agreedAt: number;
  #apart: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#agreedAt = clock.now();
    this.#apart = this.#look();
  }

  /** The step since the last look, where there was one. */
  look(): Draft | undefined {
    const byMs = Math.round(this.#look() - this.#apart);
    const sinceMs = this.#agreedAt;
    this.#apart += byMs;
    this.#agreedAt = this.#clock.now();
    if (Math.abs(byMs) <= stepMs) return undefined;
    const [wallMs, monotonicMs] = [this.#agreedAt + this.#apart, Math.round(this.#clock.monotonic())];
    return { type: 'clock.jump', data: { wallMs, monotonicMs, byMs, sinceMs } };
  }

  #look(): number {
    return this.#clock.wall === undefined ? 0 : this.#clock.wall() - this.#clock.now();
  }
}
