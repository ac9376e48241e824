import type { EventOf, SiagaEvent } from '../../event/envelope.ts';
import { percentile } from '../../signal/percentile.ts';
import type { EndpointRow } from '../model.ts';
import { groupBy, ofType, within, type Span } from '../../projection/pick.ts';

type Batch = EventOf<'samples'>;

/** The signals that hold each request's time and whether it failed. */
const latency = 'rest.latency';
const errors = 'rest.errors';

/** Per endpoint and source over the spans given; over everything where none are. */
export function foldEndpoints(
  events: readonly SiagaEvent[],
  spans?: readonly Span[],
): readonly EndpointRow[] {
  const batches = ofType(events, 'samples').filter(
    ({ data }) =>
      (data.signal === latency || data.signal === errors) &&
      data.labels['endpoint'] !== undefined &&
      (spans === undefined || within(data.from, spans)),
  );
  const groups = groupBy(batches, ({ data }) => JSON.stringify([data.labels['endpoint'], data.source]));
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
    n: values.length,
    p50: at(50),
    p95: at(95),
    p99: at(99),
    ...countsOf(batches),
    evidence: batches.map(({ seq }) => seq),
  };
}

function countsOf(batches: readonly Batch[]): Pick<EndpointRow, 'requests' | 'errors' | 'throttled'> {
  let [requests, bad, throttled] = [0, 0, 0];
  for (const { data } of batches) {
    if (data.signal !== errors || data.data.kind !== 'ratio') continue;
    requests += data.data.total;
    bad += data.data.bad;
    throttled += data.data.throttled;
  }
  return { requests, errors: bad, throttled };
}

// Plain comparison: collation depends on the machine's locale.
function byName(a: EndpointRow, b: EndpointRow): number {
  const [left, right] = [`${a.endpoint} ${a.source}`, `${b.endpoint} ${b.source}`];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
