import type { SamplingContext } from './context.ts';

const atMostEveryMs = 1_000;

/** Gathers what a lane ran late or skipped, and writes it at most once a second: a hanging target is no flood. */
export class LateTally {
  readonly #lane: string;
  readonly #check: string;
  readonly #context: Pick<SamplingContext, 'journal' | 'clock'>;
  #written = -Infinity;
  #latenessMs = 0;
  #skipped = 0;

  constructor(lane: string, check: string, context: Pick<SamplingContext, 'journal' | 'clock'>) {
    this.#lane = lane;
    this.#check = check;
    this.#context = context;
  }

  note(latenessMs: number, skipped: number): void {
    this.#latenessMs = Math.max(this.#latenessMs, latenessMs);
    this.#skipped += skipped;
    if (this.#context.clock.monotonic() - this.#written >= atMostEveryMs) this.write();
  }

  write(): void {
    if (this.#latenessMs === 0 && this.#skipped === 0) return;
    const data = {
      lane: this.#lane,
      check: this.#check,
      latenessMs: Math.round(this.#latenessMs),
      skipped: this.#skipped,
    };
    this.#context.journal.append({ type: 'sampling.late', data });
    this.#written = this.#context.clock.monotonic();
    this.#latenessMs = 0;
    this.#skipped = 0;
  }
}
