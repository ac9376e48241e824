import type { CheckFinished } from '../event/catalogue.ts';
import type { SampleData, SampleBatch, SampleSource } from '../event/samples.ts';
import type { Evaluation } from '../check/conclude.ts';
import type { Feed } from '../check/feed.ts';
import { requestSignals } from '../runbook/roles.ts';
import { windowMs, windowOf } from '../signal/window.ts';
import type { SamplingContext } from './context.ts';

/** Where observations and samples become events. */
export interface Recorder {
  /** Writes the observation, unless it is one more of the same, and gathers its samples. */
  finished(evaluation: Evaluation): CheckFinished;
  sample(sample: Sample): void;
  /** Writes the batches whose window has ended. */
  flush(): void;
  /** Writes all that is left. */
  drain(): void;
}

/**
 * `every` writes each observation; `changes` writes each that is no plain pass or says something new of the target,
 * and of the others only so many that no bucket goes without. Those are counted, and written with the next one.
 */
export function createRecorder(
  { journal, clock, bucketMs, ...judge }: SamplingContext,
  writes: 'every' | 'changes',
): Recorder {
  const signals = requestSignals(judge);
  const batcher = new Batcher(bucketMs);
  const repeats = new Repeats(bucketMs);
  const tell = ({ data, at }: Written) => void journal.append({ type: 'check.finished', data, at });
  const write = (batches: ReturnType<Batcher['drain']>) => {
    for (const data of batches) journal.append({ type: 'samples', data });
  };
  return {
    finished({ finished, feeds }) {
      const at = clock.now();
      const written = writes === 'every' ? { data: finished, at } : repeats.take(finished, at);
      if (written !== undefined) tell(written);
      const labels = { endpoint: finished.endpoint ?? finished.check };
      for (const feed of feeds) {
        const signal = feed.role === undefined ? feed.signal : signals[feed.role];
        batcher.add({ signal, labels, source: 'probe', at, data: dataOf(feed) });
      }
      return finished;
    },
    sample: (sample) => batcher.add(sample),
    flush: () => write(batcher.flush(clock.now())),
    drain() {
      for (const written of repeats.drain()) tell(written);
      write(batcher.drain());
    },
  };
}

// Numbers move with every answer (a price): they are written each second, not each time.
const numbersEveryMs = 1_000;

interface Written {
  readonly data: CheckFinished;
  readonly at: number;
}

interface Kept {
  readonly at: number;
  readonly said: string;
  /** Plain passes since then. */
  count: number;
  last?: Written;
}

/** Observations of each check that say the same as one in the same window. */
class Repeats {
  readonly #bucketMs: number;
  readonly #kept = new Map<string, Kept>();

  constructor(bucketMs: number) {
    this.#bucketMs = bucketMs;
  }

  /** The observation as it is written; `undefined` where it is one more of the same. */
  take(data: CheckFinished, at: number): Written | undefined {
    const kept = this.#kept.get(data.check);
    const said = saidBy(data);
    if (kept !== undefined && said === kept.said && !this.#isDue(data, kept.at, at)) {
      kept.count += 1;
      kept.last = { data, at };
      return undefined;
    }
    this.#kept.set(data.check, { at, said, count: 0 });
    return { data: counting(data, kept?.count ?? 0), at };
  }

  /** What was counted and not written yet. */
  drain(): readonly Written[] {
    return [...this.#kept.values()].flatMap((kept) => {
      const { last, count } = kept;
      kept.count = 0;
      return last === undefined || count === 0 ? [] : [{ ...last, data: counting(last.data, count - 1) }];
    });
  }

  #isDue({ outcome, states }: CheckFinished, before: number, at: number): boolean {
    const moves = Object.values(states).some((value) => typeof value === 'number');
    const lengthMs = moves ? numbersEveryMs : windowMs(this.#bucketMs);
    const windowAt = (time: number) => windowOf(time, this.#bucketMs, lengthMs).from;
    return outcome !== 'passed' || windowAt(at) > windowAt(before);
  }
}

function saidBy({ outcome, states }: CheckFinished): string {
  const written = Object.entries(states).filter(([, value]) => typeof value !== 'number');
  return outcome === 'passed' ? JSON.stringify(written) : '';
}

const counting = (data: CheckFinished, count: number): CheckFinished =>
  count === 0 ? data : { ...data, unwritten: count };

function dataOf(feed: Feed): SampleData {
  switch (feed.kind) {
    case 'value':
      return { kind: 'values', values: [feed.value] };
    case 'ratio':
      return { kind: 'ratio', total: 1, bad: feed.bad ? 1 : 0, throttled: 0 };
    case 'throttled':
      return { kind: 'ratio', total: 0, bad: 0, throttled: 1 };
  }
}

// What deadlines of expectations hang on is reported within a second.
const promptWindowMs = 1_000;

/** A sample with all a batch needs to know of it. */
export interface Sample {
  readonly signal: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly source: SampleSource;
  /** UTC milliseconds. */
  readonly at: number;
  readonly data: SampleData;
  /** It is reported within a second, as a counter that moved always is. */
  readonly prompt?: boolean;
}

interface Growing {
  readonly batch: Omit<SampleBatch, 'data'>;
  data: SampleData;
}

/**
 * Gathers samples into batches: one for each signal, label set and window, a window never
 * crossing a bucket's edge. Time is an argument; a sample that comes late opens its window anew.
 */
export class Batcher {
  readonly #bucketMs: number;
  readonly #growing = new Map<string, Growing>();

  constructor(bucketMs: number) {
    this.#bucketMs = bucketMs;
  }

  add({ signal, labels, source, at, data, prompt = data.kind === 'counter' }: Sample): void {
    const { from, to } = windowOf(at, this.#bucketMs, ...(prompt ? [promptWindowMs] : []));
    const key = JSON.stringify([signal, source, from, data.kind, Object.entries(labels).toSorted()]);
    const growing = this.#growing.get(key);
    if (growing) growing.data = merge(growing.data, data);
    else this.#growing.set(key, { batch: { signal, labels, source, from, to }, data: rounded(data) });
  }

  /** The batches whose window has ended by `now`, oldest first. */
  flush(now: number): SampleBatch[] {
    const ended = [...this.#growing].filter(([, { batch }]) => batch.to <= now);
    for (const [key] of ended) this.#growing.delete(key);
    return ended.map(([, { batch, data }]) => ({ ...batch, data })).toSorted((a, b) => a.from - b.from);
  }

  /** All that is left, ended or not. */
  drain(): SampleBatch[] {
    return this.flush(Infinity);
  }
}

function merge(a: SampleData, b: SampleData): SampleData {
  if (a.kind === 'values' && b.kind === 'values')
    return { kind: 'values', values: [...a.values, ...b.values.map(round)] };
  if (a.kind === 'counter' && b.kind === 'counter')
    return { kind: 'counter', increase: round(a.increase + b.increase) };
  if (a.kind === 'ratio' && b.kind === 'ratio') {
    return {
      kind: 'ratio',
      total: a.total + b.total,
      bad: a.bad + b.bad,
      throttled: a.throttled + b.throttled,
    };
  }
  if (a.kind !== 'histogram' || b.kind !== 'histogram') return a;
  return { ...a, counts: a.counts.map((count, index) => count + (b.counts[index] ?? 0)) };
}

function rounded(data: SampleData): SampleData {
  if (data.kind === 'values') return { kind: 'values', values: data.values.map(round) };
  return data.kind === 'counter' ? { kind: 'counter', increase: round(data.increase) } : data;
}

function round(value: number): number {
  const hundredths = Math.round(value * 100);
  return Number.isFinite(hundredths) ? hundredths / 100 : value;
}
