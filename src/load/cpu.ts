import type { Clock } from '../kernel/ports.ts';
import type { K6Run } from './ports.ts';

interface Look {
  readonly seconds: number;
  readonly at: number;
}

/** How much of the machine a generator uses, from the first look to the last. */
export class CpuWatch {
  readonly #run: Pick<K6Run, 'cpuSeconds' | 'cores'>;
  readonly #clock: Pick<Clock, 'monotonic'>;
  #first: Look | undefined;
  #last: Look | undefined;

  constructor(run: Pick<K6Run, 'cpuSeconds' | 'cores'>, clock: Pick<Clock, 'monotonic'>) {
    this.#run = run;
    this.#clock = clock;
  }

  look(): void {
    const seconds = this.#run.cpuSeconds();
    if (seconds === undefined) return;
    this.#last = { seconds, at: this.#clock.monotonic() };
    this.#first ??= this.#last;
  }

  /** Share of all cores, 0…1; `undefined` where less than two seconds were seen. */
  share(): number | undefined {
    if (!this.#first || !this.#last) return undefined;
    const ms = this.#last.at - this.#first.at;
    return ms < 2_000
      ? undefined
      : ((this.#last.seconds - this.#first.seconds) * 1_000) / (ms * this.#run.cores);
  }
}
