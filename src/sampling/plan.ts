import { type AnyCheck, isSocketCheck, askedInstead } from '../check/definition.ts';
import type { JudgeSpec, SignalSpec } from '../event/specs.ts';
import type { Diagnostic } from '../kernel/diagnostic.ts';
import { formatMs } from '../kernel/duration.ts';
import { toMs } from '../kernel/to-ms.ts';
import { requestSignals } from '../runbook/roles.ts';
import { intervalOf } from './schedule.ts';
import type { Source } from './source.ts';

/**
 * How often the target's own metrics are read: in a drill, whose expectations wait for what they tell, twice as often as in
 * a round that stays.
 */
export const metricsEveryMs = { round: 1_000, drill: 500 } as const;

/** How often a load writes down what its requests measured. */
const loadEveryMs = 1_000;

/** What a signal gets from a source: so many samples in a bucket. `Infinity` where that is the traffic's affair. */
interface Fed {
  readonly signal: string;
  readonly perBucket: number;
}

interface Planned<Kind> {
  readonly kind: Kind;
  readonly name: string;
  readonly everyMs: number;
  /** How often, for a person: `price every 5s`. */
  readonly words: string;
  readonly feeds: readonly Fed[];
}

/** Something that is probed, offered as load, or read, again and again. */
export type PlannedSource =
  | (Planned<'check'> & { readonly check: AnyCheck })
  | Planned<'load'>
  | Planned<'metrics'>
  | Planned<'own'>;

/** What will be measured, how often, and what each signal gets from it: the sampler runs by it, and it is judged before. */
export type SamplingPlan = readonly PlannedSource[];

/** Load that will run beside the checks. */
export interface PlannedLoad {
  readonly name: string;
  /** Requests a second that it offers. */
  readonly rate: number;
}

export interface Measured {
  readonly checks?: readonly AnyCheck[];
  readonly loads?: readonly PlannedLoad[];
  /** How often the target's own metrics are read; left out where they are not. */
  readonly metricsEveryMs?: number | undefined;
  /** Those that the project defines itself. */
  readonly own?: readonly Pick<Source, 'name' | 'every'>[];
}

type Judged = Pick<JudgeSpec, 'signals' | 'bucketMs' | 'roles'>;

/** The plan of what is measured, for a judge's signals and buckets. */
export function planOf(
  judge: Judged,
  { checks = [], loads = [], own = [], ...rest }: Measured,
): SamplingPlan {
  return [
    ...checks.map((check) => checkSource(judge, check)),
    ...loads.map((load) => loadSource(judge, load)),
    ...(rest.metricsEveryMs === undefined ? [] : [metricsSource(judge, rest.metricsEveryMs)]),
    ...own.map((source) => ownSource(judge, source)).filter(({ feeds }) => feeds.length > 0),
  ];
}

function checkSource(judge: Judged, check: AnyCheck): PlannedSource {
  const everyMs = intervalOf(check);
  const perBucket = (judge.bucketMs / everyMs) * messagesOf(check);
  return {
    kind: 'check',
    name: check.name,
    everyMs,
    words: `${check.name} every ${check.every}`,
    feeds: signalsOf(check, judge).map((signal) => ({ signal, perBucket })),
    check,
  };
}

/** The signals that a check feeds when it is answered. */
export function signalsOf(check: AnyCheck, judge: Pick<JudgeSpec, 'roles'>): string[] {
  const own = Object.keys(check.samples ?? {});
  const { latency, errors, serverErrors, roundTrip } = requestSignals(judge);
  if (check.counted === false) return own;
  if (isSocketCheck(check)) return [...own, roundTrip];
  const ofTarget = askedInstead(check.request) === undefined;
  return ofTarget ? [...own, latency, errors, serverErrors] : own;
}

function messagesOf(check: AnyCheck): number {
  return isSocketCheck(check) ? (check.socket.count ?? 1) : 1;
}

function loadSource({ signals, bucketMs }: Judged, { name, rate }: PlannedLoad): PlannedSource {
  return {
    kind: 'load',
    name,
    everyMs: loadEveryMs,
    words: `${name} at ${rate} requests a second`,
    feeds: ofSource(signals, 'load').map(({ name: signal }) => ({
      signal,
      perBucket: (rate * bucketMs) / 1_000,
    })),
  };
}

// How many observations a histogram gets is the traffic's affair; one look is enough to see them all.
function metricsSource({ signals, bucketMs }: Judged, everyMs: number): PlannedSource {
  const looks = Math.floor(bucketMs / everyMs);
  const feeds = ofSource(signals, 'server').map(({ name, metric }) => ({
    signal: name,
    perBucket: metric?.type === 'histogram' && looks > 0 ? Infinity : looks,
  }));
  return { kind: 'metrics', name: 'metrics', everyMs, words: `metrics every ${formatMs(everyMs)}`, feeds };
}

function ownSource(
  { signals, bucketMs }: Judged,
  { name, every }: Pick<Source, 'name' | 'every'>,
): PlannedSource {
  const everyMs = toMs(every);
  const perBucket = bucketMs / everyMs;
  const feeds = ofSource(signals, 'own').filter(({ own }) => own === name);
  const words = `${name} every ${every}`;
  return {
    kind: 'own',
    name,
    everyMs,
    words,
    feeds: feeds.map(({ name: signal }) => ({ signal, perBucket })),
  };
}

const ofSource = (signals: readonly SignalSpec[], wanted: SignalSpec['source']): readonly SignalSpec[] =>
  signals.filter(({ source }) => source === wanted);

/** The kind of planned source whose samples a signal is judged by, and what is said where there is none. */
const kinds: {
  readonly [From in SignalSpec['source']]: {
    readonly kind: PlannedSource['kind'];
    readonly missing: string;
  };
} = {
  probe: { kind: 'check', missing: 'no check feeds it' },
  load: { kind: 'load', missing: 'no load runs' },
  server: { kind: 'metrics', missing: 'the metrics of the target are not read' },
  own: { kind: 'own', missing: 'no source of that name is read' },
};

/** The sources of the plan that a signal is judged by. */
export function sourcesOf(plan: SamplingPlan, { name, source }: SignalSpec): SamplingPlan {
  const { kind } = kinds[source];
  return plan.filter((each) => each.kind === kind && each.feeds.some(({ signal }) => signal === name));
}

/**
 * Each signal that the plan cannot fill a bucket of: it would stay unknown, and neither fire nor recover. Intervals are real
 * time and are never scaled, so a higher speed may refuse what a lower one allows.
 */
export function planFaults({ signals, bucketMs }: Judged, plan: SamplingPlan): Diagnostic[] {
  return signals.flatMap((signal) => {
    const sources = sourcesOf(plan, signal);
    const fed = sources.flatMap(({ feeds }) => feeds.filter((each) => each.signal === signal.name));
    const samples = Math.floor(fed.reduce((sum, { perBucket }) => sum + perBucket, 0));
    return samples >= signal.minSamples ? [] : [shortfall(signal, samples, sources, bucketMs)];
  });
}

function shortfall(
  { name, minSamples, source }: SignalSpec,
  samples: number,
  sources: SamplingPlan,
  bucketMs: number,
): Diagnostic {
  const words = sources.map((each) => each.words).join(', ');
  return {
    level: 'error',
    file: 'runbook.ts',
    path: `signals['${name}']`,
    message: 'the planned sampling cannot fill a bucket of this signal',
    got: sources.length === 0 ? kinds[source].missing : `${samples} in ${formatMs(bucketMs)} (${words})`,
    allowed: `at least ${minSamples} in each bucket of ${formatMs(bucketMs)}`,
    hint: 'sample more often, choose a lower --speed, or lower minSamples',
  };
}
