import type { FaultFacts } from '../event/catalogue.ts';
import type { SiagaEvent } from '../event/envelope.ts';
import type { SignalSpec } from '../event/specs.ts';
import { formatMs } from '../kernel/duration.ts';
import { exit } from '../kernel/exit.ts';
import { round } from '../kernel/percent.ts';
import { plural } from '../kernel/plural.ts';
import type { Tone } from './document/types.ts';
import { changeTone, changeWords } from './words-incident.ts';
import type { ExperimentReport } from './model.ts';

/** Whose happening it is; `ours` is what kept us from measuring. */
export type Lane =
  | 'run'
  | 'experiment'
  | 'fault'
  | 'incident'
  | 'toggle'
  | 'message'
  | 'check'
  | 'load'
  | 'ours';

/** An event in one line for a person. */
export interface Happening {
  readonly lane: Lane;
  readonly tone: Tone;
  readonly text: string;
}

type Handlers = {
  readonly [T in SiagaEvent['type']]?: (
    event: Extract<SiagaEvent, { type: T }>,
    signals: readonly SignalSpec[],
  ) => Happening | undefined;
};

const say = (lane: Lane, tone: Tone, text: string): Happening => ({ lane, tone, text });

const outcomeTone = { passed: 'good', failed: 'bad', inconclusive: 'unknown' } as const;
const verdictTone = {
  passed: 'good',
  held: 'good',
  failed: 'bad',
  weakness: 'bad',
  'rollback-failed': 'bad',
  inconclusive: 'unknown',
  aborted: 'warn',
  interrupted: 'warn',
  error: 'warn',
  unfinished: 'unknown',
} as const;

/** The tone of a run's or an experiment's verdict. */
export function toneOf(verdict: keyof typeof verdictTone): Tone {
  return verdictTone[verdict];
}

/** How a run ended: its verdict, or what kept it from having one. */
export function endWords({ verdict, exitCode }: Ended): string {
  if (exitCode === exit.usage) return 'usage or configuration';
  return exitCode === exit.bug ? 'a bug of Siaga’s' : verdict;
}

interface Ended {
  readonly verdict: string;
  readonly exitCode: number | null;
}

const isError = ({ exitCode }: Ended): boolean => exitCode === exit.usage || exitCode === exit.bug;

const runHandlers: Handlers = {
  'run.started': ({ data }) =>
    say(
      'run',
      'plain',
      `${data.command} ${data.subject && `${data.subject} `}on ${data.target.name} started${data.drill ? ', a drill' : ''}`,
    ),
  'run.phase': ({ data }) => say('run', 'plain', data.detail ? `${data.phase}: ${data.detail}` : data.phase),
  'gate.part': ({ data }) =>
    say(
      'run',
      data.outcome === 'not-run' ? 'unknown' : outcomeTone[data.outcome],
      `${data.part} ${data.outcome === 'not-run' ? 'not run' : data.outcome}${data.reason && `: ${data.reason}`}`,
    ),
  'run.finished': ({ data }) =>
    say(
      'run',
      isError(data) ? 'warn' : toneOf(data.verdict),
      `${endWords(data)}, exit code ${data.exitCode}${data.reason && `: ${data.reason}`}`,
    ),
  'run.interrupted': ({ data }) => say('run', 'warn', `interrupted by ${data.signal}`),
  'run.problem': ({ data }) => say('ours', 'unknown', `${data.code}: ${data.message}`),
  'check.finished': ({ data }) => {
    if (data.outcome === 'passed') return undefined;
    const [first] = data.violations;
    const why =
      first && data.outcome === 'failed'
        ? `${first.path} got ${first.got}, allowed ${first.allowed}`
        : (data.reason ?? 'no reason given');
    return say('check', outcomeTone[data.outcome], `${data.check} ${data.outcome}: ${why}`);
  },
  'load.started': ({ data }) =>
    say(
      'load',
      'plain',
      `load ${data.load} started${data.rate > 0 ? ` at ${data.rate} iterations/s` : ''} (${data.tool})`,
    ),
  'load.exception': ({ data }) => say('load', 'bad', `${data.count} uncaught in the script: ${data.message}`),
  'load.silent': ({ data }) =>
    say(
      'ours',
      'unknown',
      `load ${data.load} stood still: k6 has said nothing for ${formatMs(data.sinceMs)}`,
    ),
  'load.stood': ({ data }) =>
    say('ours', 'unknown', `load ${data.load} stood still for ${formatMs(Math.round(data.to - data.from))}`),
  'load.finished': ({ data }) => say('load', outcomeTone[data.outcome], loadWords(data)),
  'toggle.planned': ({ data }) =>
    say('toggle', 'plain', `toggles ${pairs(data.values)} planned, ${pairs(data.before)} written down`),
  'toggle.applied': ({ data }) => say('toggle', data.ok ? 'plain' : 'bad', appliedWords(data)),
  'toggle.read': ({ data }) =>
    say('toggle', data.ok && data.abnormal.length === 0 ? 'good' : 'warn', readWords(data)),
  'incident.transition': ({ data }, signals) =>
    say(
      'incident',
      changeTone(data.change),
      `${data.drill ? '[DRILL] ' : ''}${data.incident} ${changeWords(data.change, signals)}`,
    ),
  'incident.blind': ({ data }) => say('ours', 'unknown', `no data: ${data.signal} has no samples`),
  'incident.resumed': ({ data }) =>
    say(
      'incident',
      'plain',
      data.keeps === false ? 'another run keeps the incident' : `resumed (gap ${formatMs(data.gapMs)})`,
    ),
  'incident.history': ({ data }) =>
    say(
      'incident',
      'plain',
      `${data.incident} goes on; measured before by ${data.runs.join(', ') || 'nobody'}`,
    ),
  'clock.jump': ({ data }) =>
    say(
      'ours',
      'unknown',
      `the wall clock was set ${(data.byMs ?? 0) < 0 ? 'back' : 'forward'} by ${formatMs(Math.abs(data.byMs ?? 0))}${data.betweenRuns === true ? ' before this run began' : ''}`,
    ),
  'message.requested': ({ data }) =>
    say('message', 'plain', `${data.template} for ${data.incident} handed to ${data.channel}`),
  'message.delivered': ({ data }) =>
    say('message', 'good', `${data.message} delivered to ${data.channel}, attempt ${data.attempt}`),
  'message.failed': ({ data }) =>
    say(
      'message',
      'warn',
      `${data.message} to ${data.channel}, attempt ${data.attempt} failed: ${data.reason}`,
    ),
  'message.dead': ({ data }) =>
    say('message', 'bad', `${data.message} could not be delivered to ${data.channel}: ${data.reason}`),
};

const experimentHandlers: Handlers = {
  'experiment.started': ({ data }) => say('experiment', 'plain', `${data.name} started: ${data.hypothesis}`),
  'experiment.phase': ({ data }) => say('experiment', 'plain', `${data.experiment}: ${data.phase}`),
  'expectation.settled': ({ data }) => {
    const tone = ({ met: 'good', broken: 'bad', unknown: 'unknown' } as const)[data.outcome];
    return say('experiment', tone, settledWords(data));
  },
  'experiment.finished': ({ data }) => {
    const why = data.reasons[0] ? `: ${data.reasons[0]}` : '';
    return say('experiment', toneOf(data.verdict), `${data.name} ${data.verdict}${why}`);
  },
  'fault.planned': ({ data }) =>
    say('fault', 'plain', `${faultWords(data)} planned for ${formatMs(data.forMs)}, undo written down`),
  'fault.injected': ({ data }) => say('fault', 'warn', `fault on ${data.proxy} injected, read back`),
  'fault.proof': ({ data }) =>
    say(
      'fault',
      data.proven ? 'plain' : 'unknown',
      `fault ${data.proven ? 'proven' : 'not proven'}: ${data.why}`,
    ),
  'fault.removed': ({ data }) =>
    say('fault', 'good', `fault on ${data.proxy} removed by ${data.by} (${data.rung})`),
  'fault.stuck': ({ data }) =>
    say('fault', 'bad', `fault on ${data.proxy} could not be removed; tried ${data.tried.join(', ')}`),
};

const handlers: Handlers = { ...runHandlers, ...experimentHandlers };

/**
 * What an event says to a person; `undefined` for those that only count.
 * @param signals of the runbook, for their limits. Default: as the event says it.
 */
export function happening(event: SiagaEvent, signals: readonly SignalSpec[] = []): Happening | undefined {
  const handle = handlers[event.type] as
    | ((event: SiagaEvent, signals: readonly SignalSpec[]) => Happening | undefined)
    | undefined;
  return handle?.(event, signals);
}

/** "latency on coinapi (latency 1 s, downstream)". */
export function faultWords({ kind, proxy, driver, attributes, stream, toxicity }: FaultFacts): string {
  const values = Object.entries(attributes)
    .filter(([name, value]) => value !== 0 || name === kind)
    .map(([name, value]) => `${name.replaceAll('_', ' ')} ${measure(kind, name, value)}`);
  const details = [
    ...values,
    ...(kind === 'down' || driver !== undefined ? [] : [stream]),
    ...(toxicity < 1 ? [`toxicity ${toxicity}`] : []),
  ];
  const beside = details.length === 0 ? '' : ` (${details.join(', ')})`;
  // Where a project's own fault is, its kind knows.
  return driver === 'own' ? `${kind}${beside}` : `${kind} on ${proxy}${beside}`;
}

// As Toxiproxy counts them: milliseconds, but for these.
const units: Readonly<Record<string, string>> = {
  rate: 'KB/s',
  bytes: 'bytes',
  average_size: 'bytes',
  size_variation: 'bytes',
};

function measure(kind: string, name: string, value: number): string {
  const unit = kind === 'slicer' && name === 'delay' ? 'µs' : units[name];
  return unit === undefined ? formatMs(value) : `${value} ${unit}`;
}

/** "in for 17.1 s of 50 s planned": how long it really was, apart from what was planned. */
export function heldWords({ injected, removed, forMs }: Held): string {
  const planned = `${formatMs(forMs)} planned`;
  if (injected === undefined) return `never injected, ${planned}`;
  return removed === undefined
    ? `no removal on record, ${planned}`
    : `in for ${formatMs(removed.at - injected.at)} of ${planned}`;
}

interface Held {
  readonly injected?: { readonly at: number };
  readonly removed?: { readonly at: number };
  readonly forMs: number;
}

type DataOf<T extends SiagaEvent['type']> = Extract<SiagaEvent, { type: T }>['data'];

/** What an expectation came to; in its own words where they are known. */
export function settledWords(
  { expectation, outcome, path, got, allowed }: DataOf<'expectation.settled'>,
  text = expectation,
): string {
  const seen = path === undefined || got.startsWith(path) ? got : `${path} ${got}`;
  return outcome === 'met' ? `ok: ${text}: ${seen}` : `${outcome}: ${text}: got ${seen}, allowed ${allowed}`;
}

function loadWords(data: DataOf<'load.finished'>): string {
  // Without an arrival rate nothing was offered.
  const offered = data.offeredRate > 0 ? ` of ${round(data.offeredRate)}` : '';
  const pace =
    data.requestRate === undefined ? '' : ` (${round(data.requestRate)}/s, ${data.maxRate} allowed)`;
  const rate = `${plural(data.requests, 'request')}${pace}, ${round(data.achievedRate)}${offered} iterations/s`;
  const why = data.reason === undefined ? [] : [data.reason];
  return `load ${data.load} ${loadOutcome(data)}: ${[rate, ...why, ...(data.notes ?? [])].join('; ')}`;
}

/** How a load ended; where failures were observed only, `passed` would say too much. */
export function loadOutcome({ outcome, observed }: DataOf<'load.finished'>): string {
  return observed && outcome === 'passed' ? 'ran as planned' : outcome;
}

function appliedWords(data: DataOf<'toggle.applied'>): string {
  const { values, purpose, durationMs, ok, reason } = data;
  const result = ok ? `took ${formatMs(durationMs)}` : `failed: ${reason ?? 'no reason given'}`;
  return `toggles set to ${purpose} by ${byWhom(data)}: ${pairs(values)}; ${result}`;
}

const others = { guard: 'the guard', heal: 'siaga chaos heal' } as const;

/** How toggles were set, and who did it where it was not the run itself. */
export function byWhom({ by, via }: Pick<DataOf<'toggle.applied'>, 'by' | 'via'>): string {
  return by === undefined ? via : `${others[by]}, ${via}`;
}

function readWords({ abnormal, ok, reason }: DataOf<'toggle.read'>): string {
  const odd = abnormal.map(({ name, got, normal }) => `${name}=${got} (normal ${normal})`);
  const read = odd.length === 0 ? '' : `; read back: ${odd.join(', ')}`;
  if (!ok) return `toggles could not be read: ${reason ?? 'no reason given'}${read}`;
  return odd.length === 0 ? 'toggles read back: all normal' : `toggles read back: ${odd.join(', ')}`;
}

/** `A=1, B=2`. */
export function pairs(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
}

const gravity: Readonly<Record<Tone, number>> = { bad: 0, unknown: 1, warn: 2, plain: 3, good: 4 };

/** What broke first, then what could not be judged; else in order of time. */
export function gravestFirst<T extends Pick<ExperimentReport, 'verdict'>>(all: readonly T[]): readonly T[] {
  return all.toSorted((a, b) => gravity[toneOf(a.verdict)] - gravity[toneOf(b.verdict)]);
}
