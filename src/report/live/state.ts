import type { SiagaEvent } from '../../event/envelope.ts';
import type { IncidentChange } from '../../event/incident.ts';
import type { SampleBatch } from '../../event/samples.ts';
import type { JudgeSpec, SignalSpec } from '../../event/specs.ts';
import { bucketStart } from '../../signal/bucket.ts';
import { judge, type Judged } from '../../signal/judge.ts';
import { changeTone, changeWords } from '../words-incident.ts';
import { happening, type Happening } from '../words.ts';
import type { Tone } from '../document/types.ts';

/** What a terminal shows of a run in progress; the fold of its events so far. */
export interface LiveState {
  readonly title: string;
  readonly startedAt: number;
  /** Of the last event: the only clock a frame knows. */
  readonly at: number;
  readonly rules: JudgeSpec | undefined;
  readonly phase: string;
  readonly experiment: string;
  /** What each planned fault is, in words. */
  readonly planned: Readonly<Record<string, string>>;
  readonly faults: readonly { readonly fault: string; readonly words: string; readonly since: number }[];
  readonly signals: Readonly<Record<string, LiveSignal>>;
  readonly incident: LiveIncident | undefined;
  readonly last: readonly (Happening & { readonly at: number })[];
  readonly verdict: string | undefined;
}

export interface LiveSignal {
  readonly bucket: number;
  readonly batches: readonly SampleBatch[];
  /** The newest bucket that could be judged. */
  readonly shown: Judged | undefined;
}

export interface LiveIncident {
  readonly id: string;
  readonly since: number;
  readonly stand: string;
  readonly severity: string;
  readonly words: string;
  readonly tone: Tone;
  readonly hold:
    | { readonly name: 'restore' | 'recovery'; readonly count: number; readonly of: number }
    | undefined;
}

export const beginning: LiveState = {
  title: 'siaga',
  startedAt: 0,
  at: 0,
  rules: undefined,
  phase: 'starting',
  experiment: '',
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
      return { ...next, title, startedAt: event.at, rules };
    }
    case 'run.phase':
      return { ...next, phase: event.data.phase };
    case 'run.finished':
      return { ...next, verdict: event.data.verdict, phase: 'finished' };
    case 'experiment.started':
      return { ...next, experiment: event.data.name };
    case 'experiment.phase':
      return { ...next, experiment: event.data.experiment, phase: event.data.phase };
    case 'fault.planned':
      return {
        ...next,
        planned: { ...state.planned, [event.data.fault]: `${event.data.proxy} ${event.data.kind}` },
      };
    case 'samples':
      return { ...next, signals: withSamples(state, event.data) };
    default:
      return { ...next, ...faultChange(state, event), ...incidentChange(state, event) };
  }
}

function remember({ last }: LiveState, event: SiagaEvent): LiveState['last'] {
  if (event.type === 'check.finished' || event.type === 'toggle.read') return last;
  const said = happening(event);
  return said === undefined ? last : [...last, { ...said, at: event.at }].slice(-kept);
}

function faultChange({ faults, planned }: LiveState, event: SiagaEvent): Pick<LiveState, 'faults'> {
  if (event.type === 'fault.injected') {
    const { fault, proxy } = event.data;
    return {
      faults: [
        ...faults.filter((each) => each.fault !== fault),
        { fault, words: planned[fault] ?? proxy, since: event.at },
      ],
    };
  }
  if (event.type !== 'fault.removed') return { faults };
  return { faults: faults.filter(({ fault }) => fault !== event.data.fault) };
}

const stands: Readonly<Partial<Record<IncidentChange['kind'], string>>> = {
  declared: 'DEGRADED',
  reopened: 'DEGRADED',
  worsened: 'DEGRADED',
  mitigated: 'MITIGATED',
  'mitigated-stable': 'MITIGATED-STABLE',
  restored: 'RECOVERING',
  verifying: 'VERIFY',
  recovered: 'RECOVERED',
  closed: 'CLOSED',
};

function incidentChange({ incident }: LiveState, event: SiagaEvent): Pick<LiveState, 'incident'> {
  if (event.type === 'incident.bucket') {
    const { incident: id, hold, count, of } = event.data;
    return { incident: incident?.id === id ? { ...incident, hold: { name: hold, count, of } } : incident };
  }
  if (event.type !== 'incident.transition') return { incident };
  const { incident: id, change, effectiveAt } = event.data;
  const opens = change.kind === 'declared' || change.kind === 'reopened';
  const since = opens || incident?.id !== id ? effectiveAt : incident.since;
  const hold = change.kind === 'hold-reset' || opens ? undefined : incident?.hold;
  return {
    incident: {
      id,
      since,
      stand: stands[change.kind] ?? incident?.stand ?? 'DEGRADED',
      severity: 'severity' in change ? change.severity : (incident?.severity ?? ''),
      words: changeWords(change),
      tone: changeTone(change),
      hold,
    },
  };
}

function withSamples({ signals, rules }: LiveState, batch: SampleBatch): LiveState['signals'] {
  const spec = rules?.signals.find(({ name, source }) => name === batch.signal && source === batch.source);
  if (rules === undefined || spec === undefined) return signals;
  const before = signals[spec.name];
  const bucket = bucketStart(batch.from, rules.bucketMs);
  if (before !== undefined && bucket < before.bucket) return signals;
  const batches = before?.bucket === bucket ? [...before.batches, batch] : [batch];
  return { ...signals, [spec.name]: { bucket, batches, shown: shownOf(spec, batches, before?.shown) } };
}

// A bucket that has only begun says nothing yet; until it does, the one before stays on the screen.
function shownOf(
  spec: SignalSpec,
  batches: readonly SampleBatch[],
  before: Judged | undefined,
): Judged | undefined {
  const judged = judge(spec, batches);
  return judged.state === 'unknown' ? before : judged;
}
