/** A time in which k6 did nothing, UTC ms. */
export interface Stood {
  readonly from: number;
  to: number;
}

// k6 tells each second how many users are active, whatever the target does.
const longestSilence = 2_000;

/** Notices that the generator stood still: stopped, starved of CPU or asleep with its machine. */
export class Standstill {
  readonly #stood: Stood[] = [];
  #last: number | undefined;

  /** A point with its own time; they come in the order of their times but for milliseconds. */
  point(at: number): void {
    if (this.#last !== undefined && at - this.#last > longestSilence) this.#add(this.#last, at);
    // A wall clock that was set back must not hide what comes after.
    const back = this.#last !== undefined && this.#last - at > longestSilence;
    this.#last = back ? at : Math.max(this.#last ?? at, at);
  }

  /** The operating system holds the process, seen at `now`. */
  held(now: number): void {
    const from = this.#last ?? now;
    this.#add(Math.min(from, now), now);
  }

  /** Nothing more came until `at`, although k6 was to go on. */
  until(at: number): void {
    if (this.#last !== undefined && at - this.#last > longestSilence) this.#add(this.#last, at);
  }

  /** Whether what was asked and answered at these times waited for k6 to go on. Points are cut to a millisecond. */
  within(asked: number, answered: number): boolean {
    return this.#stood.some(({ to }) => asked < to - 1 && to <= answered);
  }

  get times(): readonly Stood[] {
    return this.#stood;
  }

  #add(from: number, to: number): void {
    const last = this.#stood.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else this.#stood.push({ from, to });
  }
}
