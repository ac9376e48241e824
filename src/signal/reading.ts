import type { SampleBatch, SampleData } from '../event/samples.ts';
import type { Statistic } from '../event/specs.ts';

/** What a statistic came to: from `n` samples, `null` where they cannot say. */
export interface Reading {
  readonly n: number;
  readonly value: number | null;
}

type DataOf<K extends SampleData['kind']> = Extract<SampleData, { kind: K }>;

const unknown: Reading = { n: 0, value: null };

/** The statistic over all batches together: endpoints and flushes are merged before, never averaged after. */
export function readingOf(batches: readonly Pick<SampleBatch, 'data'>[], statistic: Statistic): Reading {
  const first = batches[0];
  if (first === undefined) return unknown;
  const alike = batches.map(({ data }) => data).filter((data) => data.kind === first.data.kind);
  switch (first.data.kind) {
    case 'values':
      return ofValues(alike as DataOf<'values'>[], statistic);
    case 'ratio':
      return ofRatio(alike as DataOf<'ratio'>[]);
    case 'histogram':
      return ofHistogram(alike as DataOf<'histogram'>[], statistic);
    case 'counter':
      return { n: alike.length, value: sum((alike as DataOf<'counter'>[]).map(({ increase }) => increase)) };
  }
}

function ofValues(parts: readonly DataOf<'values'>[], statistic: Statistic): Reading {
  const values = Float64Array.from(parts.flatMap((part) => part.values));
  const last = values.at(-1);
  if (last === undefined) return unknown;
  if (statistic === 'count') return { n: values.length, value: values.length };
  if (statistic === 'last') return { n: values.length, value: last };
  return { n: values.length, value: rankOf(values.toSorted(), statistic) };
}

function rankOf(ascending: Float64Array, statistic: Statistic): number | null {
  if (statistic === 'min') return ascending[0] ?? null;
  if (statistic === 'max') return ascending.at(-1) ?? null;
  return statistic === 'rate' ? null : percentile(ascending, Number(statistic.slice(1)));
}

// Our own 429s are no traffic of the users: they count neither as requests nor as errors.
function ofRatio(parts: readonly DataOf<'ratio'>[]): Reading {
  const total = sum(parts.map((part) => part.total));
  return total === 0 ? unknown : { n: total, value: sum(parts.map((part) => part.bad)) / total };
}

/** How many were bad, for the rule that one failure alone makes no bucket bad. */
export function badCount(batches: readonly Pick<SampleBatch, 'data'>[]): number {
  return sum(batches.map(({ data }) => (data.kind === 'ratio' ? data.bad : 0)));
}

function ofHistogram(parts: readonly DataOf<'histogram'>[], statistic: Statistic): Reading {
  const bounds = parts[0]?.le ?? [];
  const counts = bounds.map((_, index) => sum(parts.map((part) => part.counts[index] ?? 0)));
  const n = sum(counts);
  if (n === 0) return unknown;
  if (statistic === 'count') return { n, value: n };
  return {
    n,
    value: statistic.startsWith('p') ? interpolate(bounds, counts, Number(statistic.slice(1)) / 100) : null,
  };
}

// As Prometheus' histogram_quantile does: linear within the bucket, the last finite bound beyond it.
function interpolate(bounds: readonly (number | null)[], counts: readonly number[], share: number): number {
  const rank = share * sum(counts);
  let below = 0;
  for (const [index, count] of counts.entries()) {
    const upper = bounds[index] ?? null;
    const lower = bounds[index - 1] ?? 0;
    if (below + count >= rank && count > 0) {
      return upper === null ? lower : lower + ((upper - lower) * (rank - below)) / count;
    }
    below += count;
  }
  return bounds.findLast((bound) => bound !== null) ?? 0;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/**
 * Nearest-rank percentile: the smallest value that at least `p` percent of the values do not exceed.
 * @param sorted ascending, not empty
 * @param p 0 < p ≤ 100
 */
export function percentile(sorted: ArrayLike<number>, p: number): number {
  return sorted[nearestRank(sorted.length, p) - 1] ?? Number.NaN;
}

/** The rank of a percentile among `n` values, from 1. Counted in whole numbers: 99.9 / 100 * 1,000 is over 999. */
export function nearestRank(n: number, p: number): number {
  return Math.max(1, Math.ceil((Math.round(p * 1e6) * n) / 1e8));
}
