import type { EventOf } from '../event/envelope.ts';
import type { SampleBatch } from '../event/samples.ts';
import type { SignalSpec } from '../event/specs.ts';
import { bucketStart } from '../signal/bucket.ts';
import type { EngineState } from './state.ts';

/** Buckets kept for windows, symptoms and evidence; more while a hold reaches further back. */
const kept = 45;

/** Takes a batch into its bucket, or counts it as late where that bucket is closed. */
export function takeSamples(state: EngineState, { data: batch, seq, at }: EventOf<'samples'>): void {
  const spec = state.spec.signals.find(({ name }) => name === batch.signal);
  if (spec === undefined || spec.source !== batch.source) return;
  state.lastSample.set(batch.signal, Math.max(at, state.lastSample.get(batch.signal) ?? 0));
  const start = bucketStart(batch.from, state.spec.bucketMs);
  if (start < state.next) return countLate(state, batch, at - batch.to);
  const cell = cellOf(state, batch.signal, start);
  cell.batches.push(batch);
  cell.seqs.push(seq);
}

function countLate(state: EngineState, batch: SampleBatch, latenessMs: number): void {
  const before = state.late.get(batch.signal) ?? { count: 0, latestMs: 0 };
  state.late.set(batch.signal, {
    count: before.count + sizeOf(batch),
    latestMs: Math.max(before.latestMs, latenessMs),
  });
}

function sizeOf({ data }: SampleBatch): number {
  if (data.kind === 'values') return data.values.length;
  return data.kind === 'ratio' ? data.total : 1;
}

function cellOf(state: EngineState, signal: string, start: number) {
  const cells = state.cells.get(signal) ?? new Map();
  state.cells.set(signal, cells);
  const cell = cells.get(start) ?? { batches: [], seqs: [] };
  cells.set(start, cell);
  return cell;
}

/** The batches of one signal between two bucket starts, both included. Tainted buckets give none. */
export function batchesBetween(state: EngineState, signal: string, from: number, to: number): SampleBatch[] {
  return cellsBetween(state, signal, from, to).flatMap(({ batches }) => batches);
}

/** Sequences of the events behind `batchesBetween`. */
export function evidenceBetween(state: EngineState, signal: string, from: number, to: number): number[] {
  return cellsBetween(state, signal, from, to).flatMap(({ seqs }) => seqs);
}

function cellsBetween(state: EngineState, signal: string, from: number, to: number) {
  const cells = state.cells.get(signal);
  if (cells === undefined) return [];
  return [...cells]
    .filter(([start]) => start >= from && start <= to && !state.tainted.has(start))
    .toSorted(([a], [b]) => a - b)
    .map(([, cell]) => cell);
}

/** Forgets what no window can reach any more. */
export function prune(state: EngineState): void {
  const oldest = Math.min(state.next - kept * state.spec.bucketMs, holdFrom(state) ?? Infinity);
  for (const cells of state.cells.values()) dropBefore(cells, oldest);
  dropBefore(state.facts.provider, oldest);
  for (const { buckets } of state.answers.values()) dropBefore(buckets, oldest);
  for (const starts of [state.tainted, state.downIn])
    for (const start of starts) if (start < oldest) starts.delete(start);
  for (const [signal, words] of state.words) state.words.set(signal, since(words, oldest));
  state.reads = since(state.reads, oldest);
}

// The last one before counts on: it is what was known when the oldest bucket began.
function since<T extends { readonly at: number }>(readings: readonly T[], oldest: number): T[] {
  const first = readings.findIndex(({ at }) => at >= oldest);
  return readings.slice(first === -1 ? -1 : Math.max(0, first - 1));
}

function holdFrom({ incident }: EngineState): number | undefined {
  return incident !== undefined && 'hold' in incident.phase ? incident.phase.hold.from : undefined;
}

function dropBefore(map: Map<number, unknown>, oldest: number): void {
  for (const start of map.keys()) if (start < oldest) map.delete(start);
}

/** The spec of a signal that is known to exist. */
export function specOf(state: EngineState, signal: string): SignalSpec | undefined {
  return state.spec.signals.find(({ name }) => name === signal);
}
