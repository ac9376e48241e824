import { placeIn, shellWord, shellWords } from '../kernel/printed.ts';
import type {
  ExperimentFinished,
  ExperimentReason,
  Invocation,
  RunPart,
  RunPhase,
  RunStarted,
} from './catalogue.ts';
import type { SiagaEvent } from './envelope.ts';
import type { DownReason, FiringSubject, HoldBucket } from './incident.ts';
import type { MessageDead } from './message.ts';

/** An event as this version writes it, of one that an earlier version wrote: what that said in words, as facts. */
export function upgrade(event: SiagaEvent): SiagaEvent {
  switch (event.type) {
    case 'run.started':
      return { ...event, data: withInvocation(event.data) };
    case 'run.phase':
      return { ...event, data: withPart(event.data) };
    case 'experiment.finished':
      return { ...event, data: withCodes(event.data) };
    case 'incident.transition':
      return { ...event, data: withReasons(event.data) };
    case 'message.dead':
      return { ...event, data: withBecause(event.data) };
    case 'incident.bucket':
      return { ...event, data: withBands(event.data) };
    default:
      return event;
  }
}

function withBecause(data: MessageDead): MessageDead {
  if (data.because !== undefined) return data;
  return {
    ...data,
    because: data.reason.startsWith('told by the combined message ') ? 'combined' : 'refused',
  };
}

function withInvocation(data: RunStarted): RunStarted {
  const invocation = data.invocation ?? invocationIn(data);
  return invocation === undefined ? data : { ...data, invocation };
}

/** From the command line that repeats the run, where it begins as the program was called. */
function invocationIn({ repeat, called = 'siaga' }: RunStarted): Invocation | undefined {
  const [first = '', ...others] = shellWords(repeat);
  const [, address] = /^SIAGA_TARGET_URL=(.*)$/.exec(first) ?? [];
  const line = address === undefined ? [first, ...others] : others;
  const program = shellWords(called);
  if (program.some((word, index) => line[index] !== word)) return undefined;
  const own = line.slice(program.length);
  const { project, target } = placeIn(own);
  return {
    words: withoutPlace(own).map(shellWord).join(' '),
    ...(project !== undefined && { project }),
    ...(target !== undefined && { target }),
    ...(address !== undefined && { address }),
  };
}

const placing: readonly (string | undefined)[] = ['-C', '--target', '--speed'];

/** Without the options that say where and how fast, each of which was written with its value as the next word. */
function withoutPlace(words: readonly string[]): readonly string[] {
  return words.filter((word, index) => !placing.includes(word) && !placing.includes(words[index - 1]));
}

const named: ReadonlySet<string> = new Set<RunPart>([
  'candidate',
  'checks',
  'experiments',
  'load',
  'staying',
]);
const isPart = (phase: string): phase is RunPart => named.has(phase);

// Earlier versions named a part of a run by the name of its phase; an experiment had its own.
function withPart(data: RunPhase): RunPhase {
  if (data.part !== undefined) return data;
  if (data.drill === true) return { ...data, part: 'experiment' };
  return isPart(data.phase) ? { ...data, part: data.phase } : data;
}

// How earlier versions began or ended the reasons of an experiment; what broke and what was not decided read alike.
const sentences: readonly (readonly [words: RegExp, because: ExperimentReason])[] = [
  [/^(?:left behind|toggles were left changed): |could not be taken out: /, 'left-behind'],
  [/^interrupted; /, 'interrupted'],
  [/^the guard ended: /, 'guard-lost'],
  [/^no steady state: |^toggles are not normal: |^the toggles cannot be read /, 'steady-state'],
  [/^someone else changed /, 'tampered'],
  [/ went away during /, 'toxiproxy-lost'],
  [/^the load ended \(/, 'load-ended'],
  [/^the load \S+ stands still /, 'load-silent'],
  [/, and this is no drill$/, 'other-target'],
  [/, which the experiment does not expect$/, 'undeclared'],
  [/, which the experiment does not expect; /, 'unseen'],
  [/ while it was on$/, 'fault-gone'],
  [
    /: nobody (?:used the system|knows what it did) meanwhile$|^this machine was too busy to measure /,
    'unseen',
  ],
  [/ is not proven: |^no fault was proven$| did not read back as it was set/, 'unproven'],
  [/^not recovered within /, 'not-recovered'],
];
const judgedWords = /: got .*, allowed /s;

function withCodes(data: ExperimentFinished): ExperimentFinished {
  if (data.because !== undefined) return data;
  const undecided = data.verdict === 'inconclusive' && data.reasons.every((words) => !sentenceIn(words));
  const because = data.reasons.flatMap(
    (words) =>
      sentenceIn(words) ?? (judgedWords.test(words) ? ([undecided ? 'undecided' : 'broken'] as const) : []),
  );
  return because.length === data.reasons.length ? { ...data, because } : data;
}

const sentenceIn = (words: string): ExperimentReason | undefined =>
  sentences.find(([sentence]) => sentence.test(words))?.[1];

// What earlier versions called the reasons of hard down.
const reasons: ReadonlyMap<string, DownReason> = new Map([
  ['ready', 'ready'],
  ['every core check', 'core-checks'],
  ['connection refused', 'refused'],
  ['failed handshake', 'handshake'],
]);
const downSignal = /^hard-down: (.+)$/;

/** The same with the reasons of hard down as codes, wherever a transition names one. */
function withReasons<T>(found: T): T {
  if (typeof found === 'string') return codeIn(found) as T;
  if (Array.isArray(found)) return found.map(withReasons) as T;
  if (typeof found !== 'object' || found === null) return found;
  const entries = Object.entries(found).map(([key, value]) => [
    key,
    key === 'unknown' ? unheard(value) : withReasons(value),
  ]);
  const given = Object.fromEntries(entries) as T;
  return isHardDown(given) ? { ...given, ...reasonOf(given.name) } : given;
}

function codeIn(text: string): string {
  const [, name = ''] = downSignal.exec(text) ?? [];
  return reasons.has(name) ? `hard-down: ${reasons.get(name)}` : text;
}

const unheard = (names: readonly string[]): readonly string[] =>
  names.map((name) => reasons.get(name) ?? name);

const isHardDown = (found: unknown): found is { readonly kind: 'hard-down'; readonly name: string } =>
  typeof found === 'object' &&
  found !== null &&
  'kind' in found &&
  found.kind === 'hard-down' &&
  'name' in found &&
  !('met' in found) &&
  !('reason' in found);

function reasonOf(name: string): Pick<FiringSubject, 'name' | 'reason'> {
  const reason = reasons.get(name);
  return reason === undefined ? { name, reason: 'signal' } : { name: reason, reason };
}

const bandOf = (band: HoldBucket['band'] | 'limbo'): HoldBucket['band'] =>
  band === 'limbo' ? 'hysteresis' : band;

function withBands(data: HoldBucket): HoldBucket {
  const readings = data.readings.map((reading) => ({ ...reading, band: bandOf(reading.band) }));
  return { ...data, band: bandOf(data.band), readings };
}
