import type { SampleBatch, SampleData, SampleSource } from '../event/samples.ts';
import { windowOf } from '../signal/window.ts';

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
