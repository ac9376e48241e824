import fc from 'fast-check';
import type { CheckFinished, EventType, Catalogue } from '../../src/event/catalogue.ts';
import type { SampleData, SampleSource } from '../../src/event/samples.ts';
import { loadSpec, minute, spec } from './spec.ts';

/** One thing that a run wrote before anything was judged. */
export type Input = {
  [T in EventType]: {
    readonly run: string;
    /** UTC ms, of the run's own time. */
    readonly at: number;
    readonly type: T;
    readonly data: Catalogue[T];
  };
}[EventType];

/** Everything that all runs on one target wrote, in the order in which it lies in the store. */
export type World = readonly Input[];

type Answer = 'passed' | 'wrong' | 'slow' | 'noAnswer' | '500' | 'refused' | 'throttled' | 'none';

/** Some minutes of the same weather. */
interface Segment {
  readonly lasts: number;
  readonly latency: 'good' | 'between' | 'limit' | 'bad' | 'few' | 'none';
  /** Failed requests of a hundred. */
  readonly errors: 0 | 1 | 2 | 3 | 50 | 'few' | 'thin' | 'none';
  readonly breaker: 0 | 2 | 'none';
  readonly queries: 'good' | 'bad' | 'none';
  readonly db: 1 | 0 | 'none';
  readonly pairs: Answer;
  readonly sol: Answer;
  readonly extra: Answer;
  readonly ready: 200 | 503 | 'none';
  readonly fallback: 'off' | 'on' | 'both' | 'none';
  readonly provider: 'up' | 'down' | 'none';
  readonly toggles: 'normal' | 'changed' | 'unreadable' | 'none';
  /** The signal's batches stand under two labels; the second alone is bad. */
  readonly labelled: boolean;
  /** A batch of errors comes after its minute has closed. */
  readonly late: boolean;
  /** The wall clock is set by this much at the beginning. */
  readonly jumpMs: number;
  /** What happens before this segment begins. */
  readonly before:
    | 'nothing'
    | 'drill begins'
    | 'experiment'
    | 'drill ends'
    | 'gate ends'
    | 'gate crashes'
    | 'staying'
    | 'restart'
    | 'crash'
    | 'second begins'
    | 'second ends'
    | 'second crashes'
    | 'load begins'
    | 'load ends'
    | 'load crashes';
  /** Minutes in which nobody looks, at a restart. */
  readonly gap: number;
  /** What a second round, a load and a gate see that run at the same time. */
  readonly second: 'same' | 'well' | 'bad';
}

const mostly = <T>(usual: T, ...rare: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 12, arbitrary: fc.constant(usual) }, { weight: 4, arbitrary: fc.constantFrom(...rare) });

const besides = [
  'second begins',
  'second begins',
  'second ends',
  'second crashes',
  'load begins',
  'load begins',
  'load ends',
  'load crashes',
  'drill begins',
  'drill begins',
  'experiment',
  'drill ends',
  'drill ends',
  'gate ends',
  'gate crashes',
] as const;

const segment: fc.Arbitrary<Segment> = fc.record<Segment>({
  lasts: fc.integer({ min: 1, max: 6 }),
  latency: mostly('good', 'between', 'limit', 'bad', 'bad', 'few', 'none'),
  errors: mostly<Segment['errors']>(0, 1, 2, 3, 50, 50, 'few', 'thin', 'none'),
  breaker: mostly<Segment['breaker']>(0, 2, 'none'),
  queries: mostly('good', 'bad', 'none'),
  db: fc.oneof(
    { weight: 20, arbitrary: fc.constant(1 as const) },
    { weight: 1, arbitrary: fc.constantFrom(0 as const, 'none' as const) },
  ),
  pairs: mostly('passed', 'wrong', 'slow', 'noAnswer', '500', 'refused', 'throttled', 'none'),
  sol: mostly('passed', 'wrong', 'slow', 'noAnswer', '500', 'refused', 'throttled', 'none'),
  extra: mostly('passed', 'wrong', 'none'),
  ready: mostly<Segment['ready']>(200, 503, 'none'),
  fallback: mostly('off', 'on', 'both', 'none'),
  provider: mostly('none', 'up', 'up', 'down'),
  toggles: mostly('normal', 'changed', 'unreadable', 'none'),
  labelled: fc.boolean(),
  late: mostly(false, true),
  jumpMs: mostly(0, -3_600_000, -3_000, 3_000, 70_000, 200_000),
  before: fc.oneof(
    { weight: 12, arbitrary: fc.constant('nothing' as const) },
    { weight: 6, arbitrary: fc.constantFrom<Segment['before']>('staying', 'restart', 'restart', 'crash') },
    { weight: 6, arbitrary: fc.constantFrom<Segment['before']>(...besides) },
  ),
  gap: fc.integer({ min: 0, max: 6 }),
  second: fc.constantFrom('same', 'same', 'well', 'bad'),
});

export const world: fc.Arbitrary<World> = fc
  .record({
    segments: fc.array(segment, { minLength: 3, maxLength: 14 }),
    /** Whether the world ends well, so that what was opened may recover. */
    calm: fc.integer({ min: 0, max: 12 }),
    /** Whether it begins with a load that alone sees something bad. */
    loaded: mostly(false, true),
  })
  .map(({ segments, calm, loaded }) => unfold([...(loaded ? underLoad : []), ...segments, ...calmly(calm)]));

const well: Segment = {
  lasts: 1,
  latency: 'good',
  errors: 0,
  breaker: 0,
  queries: 'good',
  db: 1,
  pairs: 'passed',
  sol: 'passed',
  extra: 'passed',
  ready: 200,
  fallback: 'off',
  provider: 'none',
  toggles: 'normal',
  labelled: false,
  late: false,
  jumpMs: 0,
  before: 'nothing',
  gap: 0,
  second: 'same',
};

const underLoad: readonly Segment[] = [
  { ...well, lasts: 4, before: 'load begins', second: 'bad' },
  { ...well, before: 'load ends' },
];

const calmly = (lasts: number): readonly Segment[] => (lasts === 0 ? [] : [{ ...well, lasts }]);

const origin = 29_000_000 * minute;

/** The runs that write at one time. */
interface Writers {
  now: number;
  started: number;
  main: string;
  second: string | undefined;
  load: string | undefined;
  gate: string | undefined;
  /** The run whose drill is on the target. */
  drill: string | undefined;
  readonly inputs: Input[];
}

function unfold(segments: readonly Segment[]): World {
  const writers: Writers = {
    now: origin,
    started: 0,
    main: '',
    second: undefined,
    load: undefined,
    gate: undefined,
    drill: undefined,
    inputs: [],
  };
  writers.main = begin(writers, 'check');
  for (const each of segments) {
    enter(writers, each);
    for (let index = 0; index < each.lasts; index++) pass(writers, each, index);
  }
  return writers.inputs;
}

function write<T extends EventType>(
  { inputs }: Pick<Writers, 'inputs'>,
  run: string,
  at: number,
  type: T,
  data: Catalogue[T],
): void {
  inputs.push({ run, at, type, data } as Input);
}

function begin(writers: Writers, command: string): string {
  const run = `${command}-${(writers.started += 1)}`;
  write(writers, run, writers.now, 'run.started', {
    command,
    subject: '',
    target: { name: 't', url: 'http://t' },
    drill: false,
    judge: command === 'load' ? loadSpec : spec,
    contacts: [],
    endpoints: [],
    versions: {},
    state: 'project',
    repeat: 'siaga check',
  });
  if (writers.drill !== undefined) notice(writers, run, writers.drill, true);
  if (command === 'load') write(writers, run, writers.now, 'load.started', loadStarted);
  return run;
}

function notice(writers: Writers, run: string, drill: string, on: boolean): void {
  const data = { run: drill, drill: { experiment: 'experiment', on } };
  write(writers, run, writers.now, 'incident.noticed', data);
}

/** The lease of a drill, which the runs beside it see. */
function lease(writers: Writers, on: boolean): void {
  const { gate } = writers;
  if (gate === undefined) return;
  writers.drill = on ? gate : undefined;
  for (const run of writing(writers)) if (run !== gate) notice(writers, run, gate, on);
}

const writing = ({ main, second, load, gate }: Writers): readonly string[] =>
  [main, second, load, gate].filter((run) => run !== undefined);

function end(writers: Writers, run: string): void {
  if (isLoad(run)) write(writers, run, writers.now, 'load.finished', loadFinished);
  write(writers, run, writers.now, 'run.finished', { verdict: 'passed', exitCode: 0, reason: '' });
}

const isLoad = (run: string): boolean => run.startsWith('load');

const loadStarted: Catalogue['load.started'] = {
  load: 'smoke',
  script: 'smoke.ts',
  tool: 'k6',
  rate: 1,
  durationMs: 1,
  thresholds: {},
};

const loadFinished: Catalogue['load.finished'] = {
  load: 'smoke',
  outcome: 'passed',
  violations: [],
  exitCode: 0,
  requests: 1,
  iterations: 1,
  dropped: 0,
  exceptions: 0,
  offeredRate: 1,
  achievedRate: 1,
  durationMs: 1,
  endpoints: [],
};

function enter(writers: Writers, { before, gap, jumpMs }: Segment): void {
  const phase = (run: string | undefined, data: Catalogue['run.phase']) => {
    if (run !== undefined) write(writers, run, writers.now, 'run.phase', data);
  };
  switch (before) {
    case 'drill begins':
      writers.gate ??= begin(writers, 'gate');
      if (writers.drill !== undefined) break;
      lease(writers, true);
      phase(writers.gate, { phase: 'experiment', part: 'experiment', drill: true });
      break;
    case 'experiment':
      phase(writers.drill, { phase: 'another experiment', part: 'experiment', drill: true });
      break;
    case 'drill ends':
    case 'gate ends':
      if (writers.drill !== undefined) {
        phase(writers.drill, { phase: 'after' });
        lease(writers, false);
      }
      if (before === 'drill ends' || writers.gate === undefined) break;
      end(writers, writers.gate);
      writers.gate = undefined;
      break;
    case 'gate crashes':
      if (writers.drill !== undefined) lease(writers, false);
      writers.gate = undefined;
      break;
    case 'staying':
      phase(writers.main, { phase: 'staying', part: 'staying' });
      break;
    case 'restart':
      end(writers, writers.main);
      writers.now += gap * minute;
      writers.main = begin(writers, 'check');
      break;
    case 'crash':
      writers.now += gap * minute;
      writers.main = begin(writers, 'check');
      break;
    case 'second begins':
      writers.second ??= begin(writers, 'check');
      break;
    case 'second ends':
      if (writers.second !== undefined) end(writers, writers.second);
      writers.second = undefined;
      break;
    case 'second crashes':
      writers.second = undefined;
      break;
    case 'load begins':
      writers.load ??= begin(writers, 'load');
      break;
    case 'load ends':
      if (writers.load !== undefined) end(writers, writers.load);
      writers.load = undefined;
      break;
    case 'load crashes':
      writers.load = undefined;
      break;
    case 'nothing':
      break;
  }
  if (jumpMs !== 0) jump(writers, jumpMs);
}

function jump(writers: Writers, byMs: number): void {
  const facts = { wallMs: writers.now + byMs, monotonicMs: writers.now - origin, byMs };
  for (const run of writing(writers))
    write(writers, run, writers.now, 'clock.jump', { ...facts, sinceMs: writers.now - 1_000 });
}

/** One minute, in three parts of twenty seconds, and the tick that closes the one before. */
function pass(writers: Writers, weather: Segment, index: number): void {
  const seen = writing(writers).map((run) => ({
    run,
    weather: run === writers.main ? weather : secondOf(weather),
  }));
  const from = writers.now;
  for (const { run } of seen) write(writers, run, from + 5_001, 'tick', { bucket: from - minute });
  for (const { run, weather: own } of seen) if (own.late) lateErrors(writers, run, from);
  for (const part of [0, 1, 2]) {
    const at = from + 8_000 + part * 20_000;
    for (const { run, weather: own } of seen) {
      samples(writers, run, at, own, part);
      answers(writers, run, at, own, index * 3 + part);
    }
  }
  writers.now = from + minute;
}

function secondOf(weather: Segment): Segment {
  if (weather.second === 'same') return weather;
  return weather.second === 'well' ? well : { ...well, latency: 'bad', errors: 50 };
}

/** Of the minute before, after it has closed. */
function lateErrors(writers: Writers, run: string, now: number): void {
  const data = { kind: 'ratio', total: 100, bad: 100, throttled: 0 } as const;
  const source = isLoad(run) ? 'load' : 'probe';
  const late = { signal: 'errors', labels: {}, source, from: now - 30_000, to: now - 29_000, data } as const;
  write(writers, run, now + 5_500, 'samples', late);
}

const latencies = { good: 20, between: 80, limit: 100, bad: 300 } as const;

function samples(writers: Writers, run: string, at: number, weather: Segment, part: number): void {
  const [measured, other] = isLoad(run) ? (['load', 'probe'] as const) : (['probe', 'load'] as const);
  const batch = (
    signal: string,
    source: SampleSource,
    data: SampleData,
    labels: Readonly<Record<string, string>> = {},
  ) => write(writers, run, at, 'samples', { signal, labels, source, from: at - 1_000, to: at, data });
  const { latency, errors, breaker, queries, db } = weather;
  if (latency === 'few') {
    if (part === 0) batch('latency', measured, { kind: 'values', values: [300] });
  } else if (latency !== 'none') {
    batch('latency', measured, { kind: 'values', values: [10, 20] }, { path: 'a' });
    const labels: Readonly<Record<string, string>> = weather.labelled ? { path: 'b' } : { path: 'a' };
    batch('latency', measured, { kind: 'values', values: [latencies[latency], latencies[latency]] }, labels);
    // Of another source: it is not asked.
    batch('latency', other, { kind: 'values', values: [5_000] });
  }
  if (errors === 'few' || errors === 'thin') {
    const [total, bad] = errors === 'few' ? [10, 5] : [25, 0];
    if (part === 0) batch('errors', measured, { kind: 'ratio', total, bad, throttled: 0 });
  } else if (errors !== 'none') {
    const [total, bad] = [part === 0 ? 40 : 30, Math.round(errors / 3)];
    batch('errors', measured, { kind: 'ratio', total, bad, throttled: 1 });
  }
  if (breaker !== 'none') batch('breaker', 'server', { kind: 'values', values: [breaker] });
  if (queries !== 'none') {
    const counts = queries === 'good' ? [9, 1, 0] : [2, 4, 4];
    batch('queries', 'server', { kind: 'histogram', le: [50, 200, null], counts });
  }
  if (db !== 'none') batch('database', 'server', { kind: 'values', values: [db] });
}

function answers(writers: Writers, run: string, at: number, weather: Segment, count: number): void {
  const { pairs, sol, extra, ready, fallback, provider, toggles } = weather;
  const say = (
    check: string,
    tags: readonly string[],
    answer: Answer,
    states: CheckFinished['states'] = {},
  ) => {
    if (answer !== 'none') write(writers, run, at, 'check.finished', finished(check, tags, answer, states));
  };
  say('pairs', ['core'], pairs);
  say('sol', ['core'], sol, statesOf(fallback, count));
  if (count % 15 === 0) say('extra', [], extra);
  if (ready !== 'none')
    write(writers, run, at, 'check.finished', {
      ...finished('ready', ['serving'], ready === 200 ? 'passed' : 'wrong', {}),
      status: ready,
    });
  if (provider !== 'none') say('direct', [], 'passed', { provider: provider === 'up' });
  if (toggles !== 'none') {
    const changed = toggles === 'changed';
    write(writers, run, at, 'toggle.read', {
      values: toggles === 'unreadable' ? {} : { A: changed ? 'off' : 'on' },
      abnormal: changed ? [{ name: 'A', got: 'off', normal: 'on' }] : [],
      ok: toggles !== 'unreadable',
      ...(toggles === 'unreadable' && { reason: 'refused' }),
    });
  }
}

function statesOf(fallback: Segment['fallback'], count: number): CheckFinished['states'] {
  if (fallback === 'none') return {};
  return { fallback: fallback === 'on' || (fallback === 'both' && count % 3 === 1) };
}

function finished(
  check: string,
  tags: readonly string[],
  answer: Exclude<Answer, 'none'>,
  states: CheckFinished['states'],
): CheckFinished {
  const common = {
    check,
    title: check,
    tags,
    durationMs: 10,
    latenessMs: 0,
    loopLagMs: 0,
    lane: check,
    states,
  };
  const failed = { ...common, outcome: 'failed', violations: [violation] } as const;
  switch (answer) {
    case 'passed':
      return { ...common, outcome: 'passed', violations: [], status: 200 };
    case 'wrong':
      return { ...failed, status: 200 };
    case 'slow':
      return { ...failed, status: 200, slowOnly: true };
    case '500':
      return { ...failed, status: 500 };
    case 'noAnswer':
      return { ...failed, noAnswer: true, timedOut: true };
    case 'refused':
      return { ...failed, noAnswer: true, noConnection: 'refused' };
    case 'throttled':
      return {
        ...common,
        outcome: 'inconclusive',
        violations: [],
        throttled: true,
        status: 429,
        reason: 'limited',
      };
  }
}

const violation = { path: 'body', rule: 'a rule', got: 'wrong', allowed: 'right' };
