import type { EventOf, SiagaEvent } from '../event/envelope.ts';
import type { JudgeSpec } from '../event/specs.ts';
import { bucketStart } from '../signal/bucket.ts';
import type { EpisodeHistory, RequestCounts } from '../event/history.ts';
import { failedAnswers, sumAnswers, type AnswerRow } from './answers.ts';
import { endpointRows, requestCounts, requestsOf, sumCounts, type EndpointRow } from './endpoints.ts';
import type { Episode, IncidentFacts, Marker } from './model.ts';
import { groupBy, ofType, type Span } from './pick.ts';
import { startOf } from './start.ts';

/**
 * What an incident did to requests, from its start to RECOVERED and nothing else. A batch counts where all of it lies
 * in that time: what lies across an edge cannot be split, and may be somebody else's.
 */
export interface Impact {
  readonly started: Marker;
  /** RECOVERED, or closed; the last event where it is still open. */
  readonly endedAt: number;
  readonly total: RequestCounts;
  readonly rows: readonly EndpointRow[];
  /** Until it was first mitigated, and whenever it was worse again: without the good time of the hold. */
  readonly degraded: RequestCounts & { readonly ms: number };
  /** The bucket with the highest share of failures among those with enough requests; absent where none failed. */
  readonly peak: Peak | undefined;
  /** While Siaga restarted the system to set toggles: failures then are its own. Not in the total. */
  readonly restarts: RequestCounts;
  /** In batches that lie across the start or the end. Not in the total. */
  readonly across: RequestCounts;
  /** Answers to checks that failed, by endpoint: the least that is known where no batch tells. Not in the total. */
  readonly answers: readonly AnswerRow[];
  /** Every batch that was looked at. */
  readonly evidence: readonly number[];
  /** What of it runs before this one saw, and in which event that stands. It is in the figures above. */
  readonly earlier: Earlier | undefined;
  /** Runs before this one saw it, and what they measured is not on record. */
  readonly partial: boolean;
}

export interface Peak {
  /** Start of the bucket. */
  readonly from: number;
  readonly requests: number;
  readonly errors: number;
}

export interface Earlier extends EpisodeHistory {
  readonly runs: readonly string[];
  readonly seq: number;
}

type Batch = EventOf<'samples'>;
type Part = 'inside' | 'restart' | 'across';

/**
 * The impact of each time an incident was open.
 * @param events of one run, or of a store, in order of sequence.
 */
export function foldImpacts(events: readonly SiagaEvent[], incident: IncidentFacts): readonly Impact[] {
  const history = ofType(events, 'incident.history').findLast(({ data }) => data.incident === incident.id);
  // Which signals hold requests stands where a run begins.
  const own = history
    ? events.filter(({ seq, type }) => seq > history.seq || type === 'run.started')
    : events;
  return incident.episodes.map((episode) => {
    const ordinal = ordinalOf(episode);
    const before = history?.data.episodes.find((each) => each.ordinal === ordinal);
    if (history === undefined || before === undefined) return impactOf(events, own, episode);
    const earlier = { ...before, runs: history.data.runs, seq: history.seq };
    return withEarlier(impactOf(events, own, episode, earlier), earlier);
  });
}

export const ordinalOf = ({ transitions }: Episode): number => transitions[0]?.ordinal ?? 0;

function impactOf(
  events: readonly SiagaEvent[],
  own: readonly SiagaEvent[],
  episode: Episode,
  earlier?: Earlier,
): Impact {
  const started = earlier ? { at: earlier.from, seq: earlier.seq } : startOf(events, episode);
  const end = (episode.recovered ?? episode.closed ?? events.at(-1) ?? started).at;
  const span = { from: started.at, to: Math.max(end, started.at) };
  const { inside, restart, across } = partsOf(own, span);
  const rules = ofType(events, 'run.started').at(-1)?.data.judge;
  const degraded = degradedTime(episode, span);
  return {
    started,
    endedAt: span.to,
    total: requestCounts(inside),
    rows: endpointRows(inside),
    degraded: {
      ...requestCounts(inside.filter(({ data }) => degraded.some((each) => isInside(data, each)))),
      ms: degraded.reduce((sum, { from, to }) => sum + to - from, 0),
    },
    peak: rules && peakOf(inside, rules),
    restarts: requestCounts(restart),
    across: requestCounts(across),
    answers: failedAnswers(own, span, [...inside, ...restart]),
    evidence: [...inside, ...restart, ...across].map(({ seq }) => seq).toSorted((a, b) => a - b),
    earlier,
    partial: earlier === undefined && episode.opened.at < (events[0]?.at ?? 0),
  };
}

function partsOf(events: readonly SiagaEvent[], span: Span): Readonly<Record<Part, readonly Batch[]>> {
  const within = (batches: readonly Batch[]) => batches.filter(({ data }) => isInside(data, span));
  const across = requestsOf(events).filter(({ data }) => overlaps(data, span) && !isInside(data, span));
  return { inside: within(untouched(events)), restart: within(touched(events)), across };
}

/** Batches of requests that one of our own restarts touches: what failed in them is not the system's failure. */
export function touched(events: readonly SiagaEvent[]): readonly Batch[] {
  const restarts = ownRestarts(events);
  return requestsOf(events).filter(({ data }) => restarts.some((restart) => overlaps(data, restart)));
}

/** All others. */
export function untouched(events: readonly SiagaEvent[]): readonly Batch[] {
  const restarts = ownRestarts(events);
  return requestsOf(events).filter(({ data }) => !restarts.some((restart) => overlaps(data, restart)));
}

export const overlaps = (a: Span, b: Span): boolean => a.from < b.to && b.from < a.to;

/** Whether all of it lies in a span. */
export const isInside = (part: Span, { from, to }: Span): boolean => part.from >= from && part.to <= to;

/** When Siaga restarted the system to set toggles, from the command to the system ready again. */
export function ownRestarts(events: readonly SiagaEvent[]): readonly Span[] {
  return ofType(events, 'toggle.applied').map(({ at, data }) => ({ from: at - data.durationMs, to: at }));
}

function degradedTime({ transitions }: Episode, span: Span): readonly Span[] {
  const spans: Span[] = [];
  let since: number | undefined = span.from;
  for (const { change, effectiveAt } of transitions) {
    if (change.kind === 'worsened' && change.to !== 'mitigated') since ??= effectiveAt;
    if (since === undefined || !over.has(change.kind)) continue;
    spans.push({ from: since, to: effectiveAt });
    since = undefined;
  }
  return since === undefined ? spans : [...spans, { from: since, to: span.to }];
}

const over: ReadonlySet<string> = new Set([
  'mitigated',
  'mitigated-stable',
  'restored',
  'recovered',
  'closed',
]);

function peakOf(batches: readonly Batch[], { bucketMs, signals, recovery }: JudgeSpec): Peak | undefined {
  const least = signals.find(({ name }) => name === recovery.wholeHold.signal)?.minSamples ?? 1;
  const buckets = groupBy(batches, ({ data }) => String(bucketStart(data.from, bucketMs)));
  const all = [...buckets].map(([from, own]): Peak => ({
    from: Number(from),
    ...pickCounts(requestCounts(own)),
  }));
  return worstPeak(all.filter(({ requests, errors }) => errors > 0 && requests >= least));
}

const pickCounts = ({ requests, errors }: RequestCounts) => ({ requests, errors });

export function worstPeak(peaks: readonly Peak[]): Peak | undefined {
  return peaks.toSorted((a, b) => b.errors / b.requests - a.errors / a.requests || a.from - b.from)[0];
}

// Percentiles of several runs cannot be put together.
function withEarlier(own: Impact, earlier: Earlier): Impact {
  const rows = groupBy(
    [...earlier.rows.map((row) => ({ ...noTimes, ...row, evidence: [earlier.seq] })), ...own.rows],
    ({ endpoint, source }) => JSON.stringify([endpoint, source]),
  );
  const peaks = [earlier.peak, own.peak].filter((peak) => peak !== undefined);
  return {
    ...own,
    total: sumCounts([earlier.total, own.total]),
    rows: [...rows.values()].flatMap(mergeRows),
    degraded: { ...sumCounts([earlier.degraded, own.degraded]), ms: own.degraded.ms },
    peak: worstPeak(peaks),
    restarts: sumCounts([earlier.restarts, own.restarts]),
    across: sumCounts([earlier.across, own.across]),
    answers: sumAnswers([
      ...(earlier.answers ?? []).map((row) => ({ ...row, evidence: [earlier.seq] })),
      ...own.answers,
    ]),
    evidence: [earlier.seq, ...own.evidence],
  };
}

const noTimes = { p50: null, p95: null, p99: null };

function mergeRows(rows: readonly EndpointRow[]): readonly EndpointRow[] {
  const [first] = rows;
  if (first === undefined || rows.length === 1) return rows;
  return [{ ...first, ...noTimes, ...sumCounts(rows), evidence: rows.flatMap(({ evidence }) => evidence) }];
}
