import type { CallFigures, FaultProof, ProbeFigures } from '../event/catalogue.ts';
import { formatMs } from '../kernel/duration.ts';
import type { FaultKind } from './definition.ts';
import type { CallTotals, ProbeAnswer, ReadBack } from './ports.ts';

/** What was seen around a fault while it was on. */
export interface Evidence {
  readonly fault: FaultKind;
  readonly toxicity: number;
  readonly readBack: ReadBack;
  /** Asked through the proxy, and past it, in the same seconds. */
  readonly through: readonly ProbeAnswer[];
  readonly past: readonly ProbeAnswer[];
  /** The system's own calls: in the steady state, and since the fault was set. */
  readonly calls: { readonly before: CallFigures; readonly during: CallFigures };
}

export const probesEachWay = 5;

/** Whether the fault really stood between the system and its dependency; what the experiment expects plays no part. */
export function judgeProof(evidence: Evidence): Omit<FaultProof, 'fault'> {
  const { through, past, calls } = evidence;
  const doubt = firstDoubt(evidence);
  return {
    proven: doubt === undefined,
    why: doubt ?? shownBy(evidence),
    through: figures(through),
    past: figures(past),
    calls,
  };
}

type Doubt = string | undefined;

function firstDoubt(evidence: Evidence): Doubt {
  return (
    readBackDoubt(evidence.readBack) ??
    pastDoubt(evidence.past) ??
    (evidence.through.length < probesEachWay
      ? `only ${evidence.through.length} probes went through`
      : undefined) ??
    usedDoubt(evidence.calls) ??
    effectDoubt(evidence) ??
    feltDoubt(evidence)
  );
}

function readBackDoubt(readBack: ReadBack): Doubt {
  if (readBack.state === 'gone') return `${readBack.why}: someone else removed the fault`;
  if (readBack.state === 'differs') return `reads back as ${readBack.got}, was set as ${readBack.allowed}`;
  return undefined;
}

function pastDoubt(past: readonly ProbeAnswer[]): Doubt {
  const failed = past.filter(({ ok }) => !ok);
  if (past.length < probesEachWay) return `only ${past.length} probes went past the proxy`;
  if (failed.length === 0) return undefined;
  return `the dependency itself failed ${failed.length} of ${past.length} probes past the proxy (${failed[0]?.reason})`;
}

function usedDoubt({ before, during }: Evidence['calls']): Doubt {
  const unused = 'a fault on a proxy that nobody uses shows nothing';
  if (before.count === 0) return `the system made no calls to it in the steady state: ${unused}`;
  if (during.count === 0) return `the system made no calls to it during the fault: ${unused}`;
  return undefined;
}

function effectDoubt({ fault, toxicity, through, past }: Evidence): Doubt {
  switch (fault.kind) {
    case 'down':
      return allFail(through, 1);
    case 'timeout':
    case 'reset_peer':
      return allFail(through, toxicity);
    case 'limit_data':
      return allFail(through, fault.bytes < median(past.map(({ bytes }) => bytes)) ? toxicity : undefined);
    case 'bandwidth':
      if (fault.rate === 0) return allFail(through, toxicity);
      return slower(through, past, transferMs(fault.rate, past), toxicity);
    case 'latency':
      return slower(through, past, 0.8 * (fault.latency - fault.jitter), toxicity);
    case 'slow_close':
      return slower(through.map(untilClosed), past.map(untilClosed), 0.8 * fault.delay, toxicity);
    case 'slicer':
      return slower(through, past, slicedMs(fault, past), toxicity);
  }
}

/** `share` undefined: this fault cannot show on these probes. */
function allFail(through: readonly ProbeAnswer[], share: number | undefined): Doubt {
  if (share === undefined) return "the probe's answer is too small to meet this fault";
  const failed = through.filter(({ ok }) => !ok).length;
  // A toxicity below 1 is rolled once a connection: half of what is due on average is proof enough.
  const due = share === 1 ? through.length : Math.max(1, Math.floor((through.length * share) / 2));
  return failed >= due ? undefined : `${through.length - failed} of ${through.length} probes got through it`;
}

const noticeableMs = 20;

function slower(
  through: readonly ProbeAnswer[],
  past: readonly ProbeAnswer[],
  dueMs: number,
  toxicity: number,
): Doubt {
  if (dueMs < noticeableMs) return `a fault of ${formatMs(dueMs)} on these probes cannot be told from noise`;
  const normal = median(past.map(({ ms }) => ms));
  const extra = through.map(({ ms }) => ms - normal);
  if (toxicity < 1) {
    const slow = extra.filter((ms) => ms >= dueMs).length;
    return slow >= Math.max(1, Math.floor((through.length * toxicity) / 2))
      ? undefined
      : `${slow} of ${through.length} probes were slowed`;
  }
  const got = median(extra);
  return got >= dueMs
    ? undefined
    : `probes through it took ${formatMs(Math.max(0, got))} longer, ${formatMs(dueMs)} were due`;
}

const untilClosed = (answer: ProbeAnswer): ProbeAnswer => ({ ...answer, ms: answer.closedMs ?? 0 });

const transferMs = (kilobytes: number, past: readonly ProbeAnswer[]): number =>
  (0.5 * median(past.map(({ bytes }) => bytes))) / kilobytes;

function slicedMs(fault: FaultKind & { kind: 'slicer' }, past: readonly ProbeAnswer[]): number {
  const pieces = median(past.map(({ bytes }) => bytes)) / fault.average_size;
  return (0.5 * pieces * fault.delay) / 1_000;
}

/** Whether the system's own calls met it: calls that go on as before went another way. */
function feltDoubt({ fault, toxicity, calls: { before, during } }: Evidence): Doubt {
  if (!alwaysFelt(fault) || toxicity < 0.5) return undefined;
  const fewer = rate(during) < 0.5 * rate(before);
  const failing = during.errors > 0 && share(during) > 2 * share(before);
  const slow =
    fault.kind === 'latency' && during.meanMs - before.meanMs >= 0.3 * (fault.latency - fault.jitter);
  if (fewer || failing || slow) return undefined;
  return `the system's own calls went on as before (${words(before)} before, ${words(during)} during): they do not pass this proxy`;
}

const alwaysFelt = ({ kind }: FaultKind): boolean =>
  kind === 'down' || kind === 'latency' || kind === 'timeout' || kind === 'reset_peer';

const rate = ({ count, overMs }: CallFigures): number => (overMs > 0 ? count / overMs : 0);
const share = ({ count, errors }: CallFigures): number => (count > 0 ? errors / count : 0);
const words = ({ count, errors, meanMs }: CallFigures): string =>
  `${count} calls, ${errors} errors, mean ${formatMs(meanMs)}`;

function shownBy({ through, past, calls }: Evidence): string {
  const [a, b] = [figures(through), figures(past)].map(
    ({ n, failed, medianMs }) => `${n - failed} of ${n} answered, median ${formatMs(medianMs)}`,
  );
  return `through: ${a}; past: ${b}; the system's own calls: ${words(calls.during)}`;
}

function figures(answers: readonly ProbeAnswer[]): ProbeFigures {
  const failed = answers.filter(({ ok }) => !ok).length;
  return { n: answers.length, failed, medianMs: round(median(answers.map(({ ms }) => ms))) };
}

/** The calls between two readings of the system's counters; a restart in between counts from zero. */
export function callsBetween(from: CallTotals, to: CallTotals): CallFigures {
  const timed = since(from.timed, to.timed);
  const totalMs = since(from.totalMs, to.totalMs);
  return {
    count: since(from.count, to.count),
    errors: since(from.errors, to.errors),
    meanMs: timed > 0 ? round(totalMs / timed) : 0,
    overMs: to.at - from.at,
  };
}

const since = (from: number, to: number): number => (to < from ? to : to - from);

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

const round = (value: number): number => Number(value.toFixed(2));
