import { proberBudget } from '../check/conclude.ts';
import type { AnyCheck } from '../check/definition.ts';
import { unreachable } from '../kernel/never.ts';
import type { SamplingContext } from './context.ts';
import { laneOf, observe, concurrency } from './observe.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import type { SourceReader } from './own-source.ts';
import type { SamplingPlan } from './plan.ts';
import { firstDue, following, latenessOf } from './schedule.ts';
import type { MetricsReader } from './scraper.ts';
import { Slots } from './slots.ts';

const flushEveryMs = 1_000;

export interface SamplerOptions {
  /** What is measured, and how often. A load runs by itself. */
  readonly plan: SamplingPlan;
  /** Reads the target's own metrics, where the plan holds them. */
  readonly metrics?: MetricsReader | undefined;
  /** Read the sources that the project defines itself. */
  readonly own?: readonly SourceReader[];
  readonly ctx: SamplingContext;
}

export interface Sampler {
  /** Ends every lane, lets nothing in flight be recorded, and writes the samples gathered. */
  stop(): Promise<void>;
  /** Resolves once stopped; rejects as soon as sampling itself cannot go on (the journal cannot be written). */
  readonly done: Promise<void>;
}

/**
 * Measures by a plan again and again: each check at its interval, in a lane of its own: one that hangs holds up no other.
 * Planned runs that fall into the one before, or that `maxPerHour` no longer allows, are skipped and recorded, never made
 * up for.
 */
export function startSampler({ plan, metrics, own: readers = [], ctx }: SamplerOptions): Sampler {
  const own = new AbortController();
  const context = { ...ctx, signal: AbortSignal.any([ctx.signal, own.signal]) };
  const recorder = createRecorder(context, 'changes');
  const slots = new Slots(concurrency);
  const start = ctx.clock.monotonic();
  const checks = plan.filter(({ kind }) => kind === 'check').length;
  const work = plan.map((source, index) => {
    const { kind, everyMs } = source;
    switch (kind) {
      case 'check': {
        const first = firstDue(start, everyMs, index, checks);
        return runLane({ check: source.check, everyMs, first, slots, recorder, context });
      }
      case 'load':
        return Promise.resolve();
      case 'metrics':
        return metrics && runReader({ reader: metrics, everyMs }, recorder, context);
      case 'own': {
        const reader = readers.find(({ name }) => name === source.name);
        return reader && runReader({ reader, everyMs }, recorder, context);
      }
      default:
        return unreachable(kind);
    }
  });
  const done = finish([...work, runFlusher(recorder, context)], own, recorder);
  done.catch(() => {});
  return {
    done,
    stop: () => {
      own.abort();
      return done;
    },
  };
}

async function finish(
  work: readonly (Promise<void> | undefined)[],
  own: AbortController,
  recorder: Recorder,
): Promise<void> {
  try {
    await Promise.all(work);
  } finally {
    own.abort();
    await Promise.allSettled(work);
    recorder.drain();
  }
}

async function runFlusher(recorder: Recorder, context: SamplingContext): Promise<void> {
  const { clock } = context;
  // Just after each whole second, when its windows have ended.
  const next = () => clock.monotonic() + flushEveryMs - (clock.now() % flushEveryMs) + 5;
  while (await waitUntil(next(), context)) recorder.flush();
}

async function runReader(
  { reader, everyMs }: { readonly reader: MetricsReader | SourceReader; readonly everyMs: number },
  recorder: Recorder,
  context: SamplingContext,
): Promise<void> {
  const { clock } = context;
  let due = clock.monotonic();
  while (await waitUntil(due, context)) {
    await reader.look(recorder, context);
    due = following(due, clock.monotonic(), everyMs).due;
  }
}

interface Lane {
  readonly check: AnyCheck;
  readonly everyMs: number;
  /** Monotonic time of the first run. */
  readonly first: number;
  readonly slots: Slots;
  readonly recorder: Recorder;
  readonly context: SamplingContext;
}

async function runLane({ check, everyMs, first, slots, recorder, context }: Lane): Promise<void> {
  const { clock, signal, target } = context;
  const lane = laneOf(target, check);
  const late = new LateTally(lane, check.name, context);
  let due = first;
  let freeSince = first;
  while (await waitUntil(due, context)) {
    await slots.run(async () => {
      const latenessMs = latenessOf(due, freeSince, clock.monotonic());
      if ((await context.hourly?.mayRun(check)) === false) return late.note(0, 1);
      const evaluation = await observe(check, { lane, connection: lane, latenessMs }, context);
      if (signal.aborted) return;
      recorder.finished(evaluation);
      late.note(latenessMs > proberBudget.latenessMs ? latenessMs : 0, 0);
    });
    freeSince = clock.monotonic();
    const next = following(due, freeSince, everyMs);
    late.note(0, next.skipped);
    due = next.due;
  }
  late.write();
}

const atMostEveryMs = 1_000;

/** Gathers what a lane ran late or skipped, and writes it at most once a second: a hanging target is no flood. */
class LateTally {
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

/** Sleeps until a monotonic time; tells whether to go on, which is false once the signal ended it. */
async function waitUntil(due: number, { clock, signal }: SamplingContext): Promise<boolean> {
  try {
    await clock.sleep(due - clock.monotonic(), signal);
    return !signal.aborted;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}
