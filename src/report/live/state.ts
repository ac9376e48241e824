import type { ExpectationFacts, ExperimentPhase, LoadStarted, RunPart } from '../../event/catalogue.ts';
import type { EventOf, SiagaEvent } from '../../event/envelope.ts';
import type { SampleBatch } from '../../event/samples.ts';
import type { JudgeSpec } from '../../event/specs.ts';
import { phaseAfter, phaseIn } from '../../projection/episodes.ts';
import { stepExperiments, type ExperimentFacts, type FaultLife } from '../../projection/experiments.ts';
import type { IncidentPhase } from '../../projection/model.ts';
import { transitionsIn } from '../../projection/incidents.ts';
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
  readonly experiments: readonly ExperimentFacts[];
  /** The one that runs. */
  readonly experiment: LiveExperiment | undefined;
  /** Each load that runs, by name. */
  readonly loads: Readonly<Record<string, Pick<LoadStarted, 'durationMs'> & { readonly since: number }>>;
  /** Those that are in. */
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
  /** Of the last change shown. */
  readonly ordinal: number;
  readonly since: number;
  readonly phase: IncidentPhase;
  readonly severity: string;
  readonly words: string;
  readonly tone: Tone;
  /** Good minutes that it takes; absent in events of earlier versions. */
  readonly holdBuckets: number | undefined;
  readonly hold:
    | { readonly name: 'restore' | 'recovery'; readonly count: number; readonly of: number }
    | undefined;
}

export const beginning: LiveState = {
  command: '',
  title: 'siaga',
  startedAt: 0,
  at: 0,
  rules: undefined,
  phase: { name: 'starting', since: 0 },
  experiments: [],
  experiment: undefined,
  loads: {},
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
        ...experimentChange(state.experiments, event),
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
  known: LiveState['experiments'],
  event: SiagaEvent,
): Partial<Pick<LiveState, 'experiments' | 'experiment' | 'faults'>> {
  const experiments = stepExperiments(known, event);
  if (experiments === known) return {};
  const last = experiments.at(-1);
  return {
    experiments,
    experiment: last === undefined || last.finished ? undefined : experimentNow(last),
    faults: experiments.flatMap(({ faults }) => faults).flatMap(faultNow),
  };
}

const experimentNow = ({ name, phases, expectations, settled }: ExperimentFacts): LiveExperiment => ({
  name,
  phase: phases.at(-1)?.phase ?? 'prepare',
  expected: expectations.filter(({ id }) => !settled.has(id)),
  of: expectations.length,
});

const faultNow = ({ fault, proxy, kind, forMs, injected, removed }: FaultLife): readonly LiveFault[] =>
  injected === undefined || removed ? [] : [{ fault, words: `${proxy} ${kind}`, forMs, since: injected.at }];

function incidentChange({ incident }: LiveState, event: SiagaEvent): Partial<Pick<LiveState, 'incident'>> {
  if (event.type === 'incident.bucket') {
    const { incident: id, hold, count, of } = event.data;
    return incident?.id === id ? { incident: { ...incident, hold: { name: hold, count, of } } } : {};
  }
  const [first, ...others] = transitionsIn(event).filter(
    ({ data }) => event.type === 'incident.transition' || data.incident === incident?.id,
  );
  if (first === undefined) return {};
  return { incident: others.reduce(changed, changed(incident, first)) };
}

/** What another run made of the incident that is shown counts too. */
function changed(
  incident: LiveIncident | undefined,
  { data: { incident: id, ordinal, change, effectiveAt, state } }: EventOf<'incident.transition'>,
): LiveIncident {
  const same = incident?.id === id ? incident : undefined;
  if (same !== undefined && same.ordinal >= ordinal) return same;
  const opens = change.kind === 'declared' || change.kind === 'reopened';
  const severity = 'severity' in change ? change.severity : same?.severity;
  return {
    id,
    ordinal,
    since: opens ? effectiveAt : (same?.since ?? state?.since ?? effectiveAt),
    phase: phaseAfter(change) ?? (state && phaseIn(state)) ?? same?.phase ?? 'degraded',
    severity: state?.severity ?? severity ?? '',
    words: changeWords(change),
    tone: changeTone(change),
    // What was counted before it came to stand elsewhere counts no more.
    hold: phaseAfter(change) === undefined ? same?.hold : undefined,
    holdBuckets: state?.holdBuckets,
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
