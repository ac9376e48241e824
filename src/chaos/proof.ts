import type { CallFigures, FaultProof, ProbeFigures } from '../event/catalogue.ts';
import { formatMs } from '../kernel/duration.ts';
import { type Process, recognise } from '../sampling/processes.ts';
import type { FaultKind } from './definition.ts';
import { type Due, noticeableMs, rulesOf } from './fault-kinds.ts';
import type { ReadBack } from '../effect/contract.ts';
import type { CallTotals, ProbeAnswer } from './ports.ts';

/** What was seen around a fault while it was on. */
export interface Evidence {
  readonly fault: FaultKind;
  readonly toxicity: number;
  /** Directions it acts in. Default 1. */
  readonly streams?: number;
  /** After which a probe was given up. */
  readonly timeoutMs: number;
  readonly readBack: ReadBack;
  /** Asked through the proxy, and past it, in the same seconds; a process at its address, and there before the fault. */
  readonly through: readonly ProbeAnswer[];
  readonly past: readonly ProbeAnswer[];
  /** The system's own calls: in the steady state, and since the fault was set. Absent where it makes none to what is broken. */
  readonly calls?: { readonly before: CallFigures; readonly during: CallFigures };
}

type Calls = NonNullable<Evidence['calls']>;

export const probesEachWay = 5;

/** Whether the fault really stood between the system and its dependency; what the experiment expects plays no part. */
export function judgeProof(evidence: Evidence): Omit<FaultProof, 'fault'> {
  const { through, past, calls = noneMade } = evidence;
  const doubt = firstDoubt(evidence);
  return {
    proven: doubt === undefined,
    why: doubt ?? shownBy(evidence),
    through: figures(through),
    past: figures(past),
    calls,
  };
}

const none: CallFigures = { count: 0, errors: 0, timed: 0, meanMs: 0, overMs: 0 };
const noneMade = { before: none, during: none };

type Doubt = string | undefined;

const wordsOn = {
  proxy: { control: 'past the proxy', past: 'past', otherWay: 'they do not pass this proxy' },
  own: { control: 'without it', past: 'without it', otherWay: 'they do not meet it' },
  process: { control: 'before the fault', past: 'before', otherWay: 'they go to another process' },
} as const;

function firstDoubt(evidence: Evidence): Doubt {
  const doubt = readBackDoubt(evidence.readBack);
  if (doubt !== undefined || evidence.fault.kind === 'own') return doubt;
  return (
    pastDoubt(evidence) ??
    (evidence.through.length < probesEachWay
      ? `only ${evidence.through.length} probes went through`
      : undefined) ??
    (evidence.calls && usedDoubt(evidence.calls)) ??
    effectDoubt(evidence) ??
    (evidence.calls && feltDoubt(evidence, evidence.calls))
  );
}

function readBackDoubt(readBack: ReadBack): Doubt {
  if (readBack.state === 'gone') return `${readBack.why}: someone else removed the fault`;
  if (readBack.state === 'differs') return `reads back as ${readBack.got}, was set as ${readBack.allowed}`;
  return undefined;
}

function pastDoubt({ fault, past }: Evidence): Doubt {
  const failed = past.filter(({ ok }) => !ok);
  const { control } = wordsOn[rulesOf(fault).on];
  if (past.length < probesEachWay) return `only ${past.length} probes went ${control}`;
  if (failed.length === 0) return undefined;
  return `the dependency itself failed ${failed.length} of ${past.length} probes ${control} (${failed[0]?.reason})`;
}

function usedDoubt({ before, during }: Calls): Doubt {
  const unused = 'a fault on a proxy that nobody uses shows nothing';
  if (before.count === 0) return `the system made no calls to it in the steady state: ${unused}`;
  if (during.count === 0) return `the system made no calls to it during the fault: ${unused}`;
  return undefined;
}

function effectDoubt(evidence: Evidence): Doubt {
  const { fault, toxicity, streams = 1, through, past } = evidence;
  const bytes = median(past.map((answer) => answer.bytes));
  const due = rulesOf(fault).due(fault, { toxicity, streams, bytes });
  switch (due.kind) {
    case 'fails':
      return allFail(through, due.share);
    case 'slower':
      return due.by === 'close'
        ? slower(through.map(untilClosed), past.map(untilClosed), due, evidence)
        : slower(through, past, due, evidence);
    case 'confirmed':
      return undefined;
    case 'unprovable':
      return due.why;
    default:
      return due satisfies never;
  }
}

function allFail(through: readonly ProbeAnswer[], share: number): Doubt {
  const failed = through.filter(({ ok }) => !ok).length;
  // A toxicity below 1 is rolled once a connection: half of what is due on average is proof enough.
  const due = share === 1 ? through.length : Math.max(1, Math.floor((through.length * share) / 2));
  return failed >= due ? undefined : `${through.length - failed} of ${through.length} probes got through it`;
}

/** Whether they were slowed as much as is due. Given up in its time, before the fault could let it through, is slow too. */
function slower(
  through: readonly ProbeAnswer[],
  past: readonly ProbeAnswer[],
  { atLeast, atMost }: Extract<Due, { kind: 'slower' }>,
  { toxicity, timeoutMs }: Pick<Evidence, 'toxicity' | 'timeoutMs'>,
): Doubt {
  if (atLeast < noticeableMs)
    return `a fault of ${formatMs(atLeast)} on these probes cannot be told from noise`;
  const normal = median(past.map(({ ms }) => ms));
  const failed = through.filter(({ ok }) => !ok);
  const strange = failed.filter(({ ms }) => ms < 0.95 * timeoutMs || ms > atMost);
  if (strange.length > 0)
    return `${strange.length} of ${through.length} probes through it failed (${strange[0]?.reason}), which this fault does not do`;
  const extra = through.filter(({ ok }) => ok).map(({ ms }) => ms - normal);
  const slow = extra.filter((ms) => ms >= atLeast);
  const due = toxicity === 1 ? Math.ceil(through.length / 2) : Math.floor((through.length * toxicity) / 2);
  if (slow.length + failed.length < Math.max(1, due))
    return toxicity < 1
      ? `${slow.length} of ${through.length} probes were slowed`
      : `probes through it took ${formatMs(Math.max(0, median(extra)))} longer, ${formatMs(atLeast)} were due`;
  return median(slow) <= atMost
    ? undefined
    : `probes through it took ${formatMs(median(slow))} longer, at most ${formatMs(atMost)} were due: something else slows them too`;
}

const untilClosed = (answer: ProbeAnswer): ProbeAnswer => ({ ...answer, ms: answer.closedMs ?? answer.ms });

/** Whether the system's own calls met it: they fail, or are slowed, as much as this fault does it. Else they went another way. */
function feltDoubt({ fault, toxicity }: Evidence, { before, during }: Calls): Doubt {
  // Rolled once a connection, and a pool has few of them.
  const part = toxicity === 1 ? 0.5 : 0.25 * toxicity;
  if (areFailing(before, during, part)) return undefined;
  const slowerMs = rulesOf(fault).slowsCallsBy(fault, before);
  if (slowerMs !== undefined && during.meanMs - before.meanMs >= part * slowerMs) return undefined;
  const due = slowerMs === undefined ? 'errors were' : `errors, or ${formatMs(slowerMs)} more a call, were`;
  return `the system's own calls do not show it (${words(before)} before, ${words(during)} during; ${due} due): ${wordsOn[rulesOf(fault).on].otherWay}`;
}

// One error alone may be anybody's.
function areFailing(before: CallFigures, during: CallFigures, part: number): boolean {
  const own = during.errors - (before.errors / made(before)) * made(during);
  return own >= 2 && own >= part * made(during);
}

/** Calls that were really sent: a breaker's rejections are counted in many systems, and timed in none. */
const made = ({ count, timed = 0, errors }: CallFigures): number =>
  timed > 0 ? Math.max(timed, errors) : count;
const words = ({ count, errors, meanMs }: CallFigures): string =>
  `${count} calls, ${errors} errors, mean ${formatMs(meanMs)}`;

function shownBy({ fault, through, past, calls }: Evidence): string {
  if (fault.kind === 'own') return 'its own confirm says that it is there';
  const [a, b] = [figures(through), figures(past)].map(
    ({ n, failed, medianMs }) => `${n - failed} of ${n} answered, median ${formatMs(medianMs)}`,
  );
  const around = `through: ${a}; ${wordsOn[rulesOf(fault).on].past}: ${b}`;
  return calls ? `${around}; the system's own calls: ${words(calls.during)}` : around;
}

function figures(answers: readonly ProbeAnswer[]): ProbeFigures {
  const failed = answers.filter(({ ok }) => !ok).length;
  return { n: answers.length, failed, medianMs: round(median(answers.map(({ ms }) => ms))) };
}

/**
 * The calls between two readings of the system's counters: from zero where the process began in between, and none known
 * where another process reported the second, or they fell and nothing says why.
 */
export function callsBetween(from: CallTotals, to: CallTotals): CallFigures {
  const { before } = recognise([processOf(from)], processOf(to));
  const start = before === undefined ? to : before.length === 0 ? noCalls : from;
  const timed = to.timed - start.timed;
  return {
    count: to.count - start.count,
    errors: to.errors - start.errors,
    timed,
    meanMs: timed > 0 ? round((to.totalMs - start.totalMs) / timed) : 0,
    overMs: to.at - from.at,
  };
}

const noCalls = { count: 0, errors: 0, timed: 0, totalMs: 0 };
const counted = ['count', 'errors', 'timed', 'totalMs'] as const;

const processOf = (totals: CallTotals): Process => ({
  began: totals.began,
  at: totals.at,
  counters: counted.map((name) => ({ name, labels: {}, value: totals[name] })),
});

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

const round = (value: number): number => Number(value.toFixed(2));
