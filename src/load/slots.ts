import type { SampleBatch, SampleData } from '../event/samples.ts';
import type { JudgeSpec } from '../event/specs.ts';
import { requestSignals, type RequestSignals } from '../runbook/roles.ts';
import { windowOf } from '../signal/window.ts';
import type { Answer } from './answer.ts';
import { rounded } from './tally.ts';

// k6 hands its points over every 200 ms; the slowest seen was 255 ms late.
const patienceMs = 600;

interface Slot {
  readonly endpoint: string;
  readonly from: number;
  readonly to: number;
  readonly latencies: number[];
  total: number;
  errors: number;
  serverErrors: number;
  throttled: number;
}

/**
 * Gathers answers into batches, a window each, by the answers' own time, none across a bucket's edge. What
 * comes after its slot was taken makes a batch of its own with the same bounds.
 */
export class Slots {
  readonly #bucketMs: number;
  readonly #signals: RequestSignals;
  readonly #open = new Map<string, Slot>();

  constructor(judge: Pick<JudgeSpec, 'bucketMs' | 'roles'>) {
    this.#bucketMs = judge.bucketMs;
    this.#signals = requestSignals(judge);
  }

  add(endpoint: string, answer: Answer): void {
    const slot = this.#slotOf(endpoint, answer.at);
    if (answer.outcome === 'throttled') slot.throttled++;
    else {
      slot.total++;
      if (answer.outcome === 'error') slot.errors++;
      if (answer.serverError) slot.serverErrors++;
    }
    if (answer.latencyMs !== undefined) slot.latencies.push(rounded(answer.latencyMs));
  }

  /** Takes the batches whose points are all in by `now`; `Infinity` takes everything. */
  take(now: number): SampleBatch[] {
    const ripe = [...this.#open].filter(([, { to }]) => to + patienceMs <= now);
    for (const [key] of ripe) this.#open.delete(key);
    return ripe.flatMap(([, slot]) => batchesOf(slot, this.#signals));
  }

  #slotOf(endpoint: string, at: number): Slot {
    const { from, to } = windowOf(at, this.#bucketMs);
    const key = `${from} ${endpoint}`;
    const slot = this.#open.get(key) ?? emptySlot(endpoint, from, to);
    this.#open.set(key, slot);
    return slot;
  }
}

function emptySlot(endpoint: string, from: number, to: number): Slot {
  return { endpoint, from, to, latencies: [], total: 0, errors: 0, serverErrors: 0, throttled: 0 };
}

function batchesOf(
  { endpoint, from, to, latencies, total, errors, serverErrors, throttled }: Slot,
  signals: RequestSignals,
): SampleBatch[] {
  const batch = (signal: string, data: SampleData): SampleBatch => ({
    signal,
    labels: { endpoint },
    source: 'load',
    from,
    to,
    data,
  });
  return [
    ...(latencies.length > 0 ? [batch(signals.latency, { kind: 'values', values: latencies })] : []),
    batch(signals.errors, { kind: 'ratio', total, bad: errors, throttled }),
    batch(signals.serverErrors, { kind: 'ratio', total, bad: serverErrors, throttled }),
  ];
}
