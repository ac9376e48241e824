import type { SiagaEvent } from '../../event/envelope.ts';

/** The signal under which the system's own start time is scraped in drills, seconds since the epoch. */
export const processStart = 'process.start';

// Start times are told in whole seconds, and clocks of two machines are never quite alike.
const slackMs = 2_000;

/** Notices that a process took the place of the one before; several that answer in turns are no restarts. */
export class Restarts {
  readonly #seen = new Set<number>();
  /** UTC ms. */
  #lookedAt = Infinity;

  take({ type, data }: SiagaEvent): boolean {
    if (type !== 'samples' || data.signal !== processStart || data.data.kind !== 'values') return false;
    const began = data.data.values.filter((each) => !this.#seen.has(each));
    const since = this.#lookedAt - slackMs;
    for (const each of began) this.#seen.add(each);
    this.#lookedAt = data.from;
    return began.some((each) => each * 1_000 > since);
  }
}
