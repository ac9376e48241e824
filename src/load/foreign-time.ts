import type { Clock } from '../kernel/ports.ts';

const stepMs = 2_000;
// What was on its way when the clock was set has come by then.
const underwayMs = 10_000;

/**
 * Puts times that another process of this machine took from the wall clock onto the run's own time: shifted by as much
 * as the two are apart when they come in. Around a step both shifts are tried, and the one nearer to now is right.
 */
export class ForeignTime {
  readonly #clock: Clock;
  #apart: number;
  #before: number | undefined;
  #steppedAt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#apart = this.#look(clock.now());
  }

  own(wallMs: number): number {
    const now = this.#clock.now();
    const apart = this.#look(now);
    if (Math.abs(apart - this.#apart) > stepMs) [this.#before, this.#steppedAt] = [this.#apart, now];
    this.#apart = apart;
    const at = wallMs - apart;
    if (this.#before === undefined || now - this.#steppedAt > underwayMs) return at;
    const sentBefore = wallMs - this.#before;
    return Math.abs(now - sentBefore) < Math.abs(now - at) ? sentBefore : at;
  }

  #look(now: number): number {
    return this.#clock.wall === undefined ? 0 : this.#clock.wall() - now;
  }
}
