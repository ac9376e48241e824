import type { EventOf } from '../event/envelope.ts';
import type { RequestCounts } from '../event/history.ts';
import type { SampleSource } from '../event/samples.ts';
import { percentile } from '../signal/percentile.ts';
import { groupBy } from './pick.ts';

type Batch = EventOf<'samples'>;

export interface EndpointRow extends RequestCounts {
  readonly endpoint: string;
  readonly source: SampleSource;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly evidence: readonly number[];
}

/** The signals that hold each request's time and whether it failed. */
const latency = 'rest.latency';
const errors = 'rest.errors';

/** Whether a batch tells of requests to an endpoint. */
export function isOfRequests({ data }: Batch): boolean {
  return (data.signal === latency || data.signal === errors) && data.labels['endpoint'] !== undefined;
}

/** Per endpoint and source, over the batches given. */
export function endpointRows(batches: readonly Batch[]): readonly EndpointRow[] {
  const groups = groupBy(batches.filter(isOfRequests), ({ data }) =>
    JSON.stringify([data.labels['endpoint'], data.source]),
  );
  return [...groups.values()].map(rowOf).toSorted(byName);
}

function rowOf(batches: readonly Batch[]): EndpointRow {
  const [first] = batches;
  const values = Float64Array.from(
    batches.flatMap(({ data }) =>
      data.signal === latency && data.data.kind === 'values' ? data.data.values : [],
    ),
  ).toSorted();
  const at = (p: number): number | null => (values.length === 0 ? null : percentile(values, p));
  return {
    endpoint: first?.data.labels['endpoint'] ?? '',
    source: first?.data.source ?? 'probe',
    p50: at(50),
    p95: at(95),
    p99: at(99),
    ...requestCounts(batches),
    evidence: batches.map(({ seq }) => seq),
  };
}

export function requestCounts(batches: readonly Batch[]): RequestCounts {
  let [requests, bad, throttled] = [0, 0, 0];
  for (const { data } of batches) {
    if (data.signal !== errors || data.data.kind !== 'ratio') continue;
    requests += data.data.total;
    bad += data.data.bad;
    throttled += data.data.throttled;
  }
  return { requests, errors: bad, throttled };
}

export function sumCounts(counts: readonly RequestCounts[]): RequestCounts {
  const sum = (key: keyof RequestCounts): number => counts.reduce((total, each) => total + each[key], 0);
  return { requests: sum('requests'), errors: sum('errors'), throttled: sum('throttled') };
}

// Plain comparison: collation depends on the machine's locale.
function byName(
  a: Pick<EndpointRow, 'endpoint' | 'source'>,
  b: Pick<EndpointRow, 'endpoint' | 'source'>,
): number {
  const [left, right] = [`${a.endpoint} ${a.source}`, `${b.endpoint} ${b.source}`];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
