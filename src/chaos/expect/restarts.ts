import type { SiagaEvent } from '../../event/envelope.ts';
import { beganAfter } from '../../sampling/processes.ts';

/** The signal under which the system's own start time is scraped in drills, seconds since the epoch. */
export const processStart = 'process.start';

/** Notices that a process took the place of the one before; several that answer in turns are no restarts. */
export class Restarts {
  readonly #seen = new Set<number>();
  /** UTC ms. */
  #lookedAt = Infinity;

  take({ type, data }: SiagaEvent): boolean {
    if (type !== 'samples' || data.signal !== processStart || data.data.kind !== 'values') return false;
    const began = data.data.values.filter((each) => !this.#seen.has(each));
    const before = this.#lookedAt;
    for (const each of began) this.#seen.add(each);
    this.#lookedAt = data.from;
    return began.some((each) => beganAfter(each * 1_000, before));
  }
}
