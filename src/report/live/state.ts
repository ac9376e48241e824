import type { ExpectationFacts, ExperimentPhase, LoadStarted, RunPart } from '../../event/catalogue.ts';
import type { SiagaEvent } from '../../event/envelope.ts';
import type { Incident, IncidentChange } from '../../event/incident.ts';
import type { SampleBatch } from '../../event/samples.ts';
import type { JudgeSpec } from '../../event/specs.ts';
import { bucketStart } from '../../signal/bucket.ts';
import { changeTone, changeWords } from '../words-incident.ts';
import { happening, type Happening } from '../words.ts';
import type { Tone } from '../document/types.ts';

/** What a terminal shows of a run in progress; the fold of its events so far. */
export interface LiveState {
  readonly command: string;
  readonly title: string;
  readonly startedAt: number;
  /** Of the last event: the only clock a frame knows. */
  readonly at: number;
  readonly rules: JudgeSpec | undefined;
  readonly phase: LivePhase;
  readonly experiment: LiveExperiment | undefined;
  /** Each load that runs, by name. */
  readonly loads: Readonly<Record<string, Pick<LoadStarted, 'durationMs'> & { readonly since: number }>>;
  /** What each planned fault is, in words, and how long it is to last. */
  readonly planned: Readonly<Record<string, { readonly words: string; readonly forMs: number }>>;
  readonly faults: readonly LiveFault[];
  readonly signals: Readonly<Record<string, LiveSignal>>;
  readonly incident: LiveIncident | undefined;
  readonly last: readonly (Happening & { readonly at: number })[];
  readonly verdict: string | undefined;
}

/** Where a run is, since when, and why. */
export interface LivePhase {
  readonly name: string;
  readonly since: number;
  readonly part?: RunPart;
  readonly detail?: string;
}

export interface LiveExperiment {
  readonly name: string;
  readonly phase: ExperimentPhase;
  /** Not yet settled. */
  readonly expected: readonly ExpectationFacts[];
  readonly of: number;
}

export interface LiveFault {
  readonly fault: string;
  readonly words: string;
  readonly since: number;
  /** 0 where nobody said. */
  readonly forMs: number;
}

/** The batches of the newest bucket, and of the one before it. */
export interface LiveSignal {
  readonly bucket: number;
  readonly batches: readonly SampleBatch[];
  readonly before: readonly SampleBatch[];
}

export interface LiveIncident {
  readonly id: string;
  readonly since: number;
  readonly stand: Stand;
  readonly severity: string;
  readonly words: string;
  readonly tone: Tone;
  /** Good minutes that it takes; absent in events of earlier versions. */
  readonly holdBuckets: number | undefined;
  readonly hold:
    | { readonly name: 'restore' | 'recovery'; readonly count: number; readonly of: number }
    | undefined;
}

export type Stand =
  | 'DEGRADED'
  | 'MITIGATED'
  | 'MITIGATED-STABLE'
  | 'RECOVERING'
  | 'VERIFY'
  | 'RECOVERED'
  | 'CLOSED';

export const beginning: LiveState = {
  command: '',
  title: 'siaga',
  startedAt: 0,
  at: 0,
  rules: undefined,
  phase: { name: 'starting', since: 0 },
  experiment: undefined,
  loads: {},
  planned: {},
  faults: [],
  signals: {},
  incident: undefined,
  last: [],
  verdict: undefined,
};

const kept = 6;

/** The state after one more event. */
export function advance(state: LiveState, event: SiagaEvent): LiveState {
  const next = { ...state, at: Math.max(state.at, event.at), last: remember(state, event) };
  switch (event.type) {
    case 'run.started': {
      const { command, subject, target, judge: rules } = event.data;
      const title = ['siaga', command, subject, 'on', target.name].filter((part) => part !== '').join(' ');
      const phase = { name: 'starting', since: event.at };
      return { ...next, command, title, startedAt: event.at, rules, phase };
    }
    case 'run.phase': {
      const { phase: name, drill: _, ...rest } = event.data;
      return { ...next, phase: { name, since: event.at, ...rest } };
    }
    case 'run.finished':
      return { ...next, verdict: event.data.verdict, phase: { name: 'finished', since: event.at } };
    case 'load.started': {
      const { load, durationMs } = event.data;
      return { ...next, loads: { ...state.loads, [load]: { durationMs, since: event.at } } };
    }
    case 'load.finished': {
      const running = Object.entries(state.loads).filter(([name]) => name !== event.data.load);
      return { ...next, loads: Object.fromEntries(running) };
    }
    case 'samples':
      return { ...next, signals: withSamples(state, event.data) };
    default:
      return {
        ...next,
        ...experimentChange(state, event),
        ...faultChange(state, event),
        ...incidentChange(state, event),
      };
  }
}

function remember({ last }: LiveState, event: SiagaEvent): LiveState['last'] {
  if (event.type === 'check.finished' || event.type === 'toggle.read') return last;
  const said = happening(event);
  return said === undefined ? last : [...last, { ...said, at: event.at }].slice(-kept);
}

function experimentChange(
  { experiment }: LiveState,
  event: SiagaEvent,
): Partial<Pick<LiveState, 'experiment'>> {
  switch (event.type) {
    case 'experiment.started': {
      const { name, expectations } = event.data;
      return { experiment: { name, phase: 'prepare', expected: expectations, of: expectations.length } };
    }
    case 'experiment.phase': {
      const { experiment: name, phase } = event.data;
      return { experiment: { expected: [], of: 0, ...experiment, name, phase } };
    }
    case 'expectation.settled': {
      if (experiment === undefined) return {};
      const expected = experiment.expected.filter(({ id }) => id !== event.data.expectation);
      return { experiment: { ...experiment, expected } };
    }
    case 'experiment.finished':
      return { experiment: undefined };
    default:
      return {};
  }
}

function faultChange(
  { faults, planned }: LiveState,
  event: SiagaEvent,
): Partial<Pick<LiveState, 'faults' | 'planned'>> {
  if (event.type === 'fault.planned') {
    const { fault, proxy, kind, forMs } = event.data;
    return { planned: { ...planned, [fault]: { words: `${proxy} ${kind}`, forMs } } };
  }
  if (event.type === 'fault.injected') {
    const { fault, proxy } = event.data;
    const { words = proxy, forMs = 0 } = planned[fault] ?? {};
    const others = faults.filter((each) => each.fault !== fault);
    return { faults: [...others, { fault, words, forMs, since: event.at }] };
  }
  if (event.type !== 'fault.removed') return {};
  return { faults: faults.filter(({ fault }) => fault !== event.data.fault) };
}

const stands: Readonly<Record<IncidentChange['kind'], Stand | 'as before'>> = {
  declared: 'DEGRADED',
  reopened: 'DEGRADED',
  worsened: 'DEGRADED',
  mitigated: 'MITIGATED',
  'mitigated-stable': 'MITIGATED-STABLE',
  restored: 'RECOVERING',
  verifying: 'VERIFY',
  'hold-reset': 'RECOVERING',
  recovered: 'RECOVERED',
  closed: 'CLOSED',
  'signal-joined': 'as before',
  'restore-proposed': 'as before',
  'verify-failed': 'as before',
  flapping: 'as before',
  digest: 'as before',
  settled: 'as before',
  'taken-over': 'as before',
};

function standAfter(change: IncidentChange): Stand | undefined {
  if (change.kind === 'worsened' && change.to === 'mitigated') return 'MITIGATED';
  const stand = stands[change.kind];
  return stand === 'as before' ? undefined : stand;
}

/** Where an incident stands that another run has brought here. */
function standIn({ phase }: Incident): Stand {
  switch (phase.name) {
    case 'degraded':
      return 'DEGRADED';
    case 'mitigated':
    case 'restoring':
      return phase.fallback.stable === undefined ? 'MITIGATED' : 'MITIGATED-STABLE';
    case 'recovering':
      return 'RECOVERING';
    case 'verifying':
      return 'VERIFY';
  }
}

function incidentChange({ incident }: LiveState, event: SiagaEvent): Partial<Pick<LiveState, 'incident'>> {
  if (event.type === 'incident.bucket') {
    const { incident: id, hold, count, of } = event.data;
    return incident?.id === id ? { incident: { ...incident, hold: { name: hold, count, of } } } : {};
  }
  if (event.type !== 'incident.transition') return {};
  const { incident: id, change, effectiveAt, state } = event.data;
  const same = incident?.id === id ? incident : undefined;
  const opens = change.kind === 'declared' || change.kind === 'reopened';
  const told = 'severity' in change ? change.severity : same?.severity;
  return {
    incident: {
      id,
      since: opens ? effectiveAt : (same?.since ?? state?.since ?? effectiveAt),
      stand: standAfter(change) ?? (state && standIn(state)) ?? same?.stand ?? 'DEGRADED',
      severity: state?.severity ?? told ?? '',
      words: changeWords(change),
      tone: changeTone(change),
      // What was counted before it came to stand elsewhere counts no more.
      hold: standAfter(change) === undefined ? same?.hold : undefined,
      holdBuckets: state?.holdBuckets,
    },
  };
}

function withSamples({ signals, rules }: LiveState, batch: SampleBatch): LiveState['signals'] {
  const spec = rules?.signals.find(({ name, source }) => name === batch.signal && source === batch.source);
  if (rules === undefined || spec === undefined) return signals;
  const known = signals[spec.name];
  const bucket = bucketStart(batch.from, rules.bucketMs);
  if (known !== undefined && bucket < known.bucket) return signals;
  const next =
    known?.bucket === bucket
      ? { ...known, batches: [...known.batches, batch] }
      : { bucket, batches: [batch], before: known?.batches ?? [] };
  return { ...signals, [spec.name]: next };
}
