import type { Clock } from '../kernel/ports.ts';
import type { K6Run } from './ports.ts';

/** A time in which k6 waited for a processor that others used, in the run's own time, UTC ms. */
export interface Starved {
  readonly from: number;
  readonly to: number;
}

type Waits = ReadonlyMap<number, number>;

interface Look {
  readonly seconds: number;
  readonly at: number;
}

interface WaitLook {
  readonly waits: Waits;
  readonly at: number;
}

/** A thread that waited for more than this share of the time between two looks was short of CPU. */
const longestWait = 0.2;

/** How much of the machine a generator uses, from the first look to the last, and when it got none of it. */
export class CpuWatch {
  readonly #run: Pick<K6Run, 'cpuSeconds' | 'cpuWaits' | 'cores'>;
  readonly #clock: Pick<Clock, 'monotonic' | 'now'>;
  readonly #starved: Starved[] = [];
  #first: Look | undefined;
  #last: Look | undefined;
  #waited: WaitLook | undefined;

  constructor(
    run: Pick<K6Run, 'cpuSeconds' | 'cpuWaits' | 'cores'>,
    clock: Pick<Clock, 'monotonic' | 'now'>,
  ) {
    this.#run = run;
    this.#clock = clock;
  }

  look(): void {
    const at = this.#clock.monotonic();
    this.#lookAtWaits(at);
    const seconds = this.#run.cpuSeconds();
    if (seconds === undefined) return;
    this.#last = { seconds, at };
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

  /** When it was short of CPU, in order; empty where the system does not tell. */
  get starved(): readonly Starved[] {
    return this.#starved;
  }

  #lookAtWaits(at: number): void {
    const waits = this.#run.cpuWaits();
    if (waits === undefined) return;
    const last = this.#waited;
    this.#waited = { waits, at };
    if (last === undefined) return;
    const waited = longestSince(last.waits, waits);
    const elapsed = at - last.at;
    if (waited <= longestWait * elapsed) return;
    const to = this.#clock.now();
    // The system tells a wait when it is over: it may have begun before the last look.
    const from = to - Math.max(waited, elapsed);
    this.#starved.push({ from: Math.max(from, this.#starved.at(-1)?.to ?? from), to });
  }
}

function longestSince(before: Waits, now: Waits): number {
  return Math.max(0, ...[...now].map(([thread, ms]) => ms - (before.get(thread) ?? 0)));
}
