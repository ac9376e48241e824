import type { EventOf, SiagaEvent } from '../event/envelope.ts';
import type { RequestCounts } from '../event/history.ts';
import type { SampleSource } from '../event/samples.ts';
import { requestSignals } from '../runbook/roles.ts';
import { percentile } from '../signal/reading.ts';
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

/**
 * The batches that tell of requests to an endpoint: how long each took, and whether it failed. Which signals hold them
 * is what the run said that wrote them.
 */
export function requestsOf(events: readonly SiagaEvent[]): readonly Batch[] {
  let { latency, errors } = requestSignals({});
  return events.filter((event): event is Batch => {
    if (event.type === 'run.started') ({ latency, errors } = requestSignals(event.data.judge));
    if (event.type !== 'samples' || event.data.labels['endpoint'] === undefined) return false;
    return event.data.signal === latency || event.data.signal === errors;
  });
}

/** Per endpoint and source, over these batches of requests. */
export function endpointRows(batches: readonly Batch[]): readonly EndpointRow[] {
  const groups = groupBy(batches, ({ data }) => JSON.stringify([data.labels['endpoint'], data.source]));
  return [...groups.values()].map(rowOf).toSorted(byName);
}

function rowOf(batches: readonly Batch[]): EndpointRow {
  const [first] = batches;
  const values = Float64Array.from(
    batches.flatMap(({ data }) => (data.data.kind === 'values' ? data.data.values : [])),
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

/** Over these batches of requests. */
export function requestCounts(batches: readonly Batch[]): RequestCounts {
  let [requests, bad, throttled] = [0, 0, 0];
  for (const { data } of batches) {
    if (data.data.kind !== 'ratio') continue;
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
