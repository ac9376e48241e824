import type { Band, Judged } from '../signal/judge.ts';
import type { SampleBatch } from '../event/samples.ts';
import type { Firing, Hold, Incident, IncidentChange } from '../event/incident.ts';
import type { JudgeSpec } from '../event/specs.ts';
import type { Word } from './derived.ts';
import type { Draft } from '../event/envelope.ts';

export type { Fallback, Hold, Incident, Phase, VerifyResults } from '../event/incident.ts';

/** A closed or open bucket of one signal. */
export interface Cell {
  readonly batches: SampleBatch[];
  readonly seqs: number[];
}

/** What the system said of itself besides its signals. */
export interface Facts {
  /** How the provider answered direct probes, by bucket. */
  provider: Map<number, { good: number; bad: number }>;
  /** The newest result of each check that decides recovery. */
  core: Map<string, CoreResult>;
  /** The last one of the target that failed. */
  request?: { readonly id: string; readonly at: number };
}

/** A right answer, a wrong one, or none (also a status of 500 or more). One that is only slow is right. */
export type CoreResult = 'right' | 'wrong' | 'no-answer';

/** A source that says the system is down altogether, and since when without a contradiction. */
export interface DownSince {
  readonly at: number;
  readonly seqs: readonly number[];
  /** It has said so often enough, and far enough apart. */
  readonly declared: boolean;
}

/** What one check answered. */
export interface Answered {
  /** The newest answer. `undefined` before there is one. */
  readonly passed: boolean | undefined;
  readonly seq?: number;
  /** The newest answer and the one before it failed. */
  readonly fires: boolean;
  /** It fired as of the newest closed bucket, or has since. */
  readonly fired: boolean;
  /** The newest failure. */
  readonly failure?: Firing;
  /** Answers since sampling began, and how many of them failed. */
  readonly total: number;
  readonly failed: number;
  /** By bucket, whether one of its answers failed. */
  readonly buckets: Map<number, 'passed' | 'failed'>;
}

/** What was reported of a state or toggle, and when. */
export type TimedWord = Word & { readonly at: number; readonly seq: number };

/** The incident that was the last to close by a recovery. */
export interface Recovered {
  readonly id: string;
  readonly ordinal: number;
  readonly at: number;
  readonly group: string;
  /** The hold that ended it, where it was flapping. */
  readonly holdBuckets?: number;
}

/** Where the incidents of a target stand. */
export interface Standing {
  readonly incident?: Incident | undefined;
  readonly recovered?: Recovered | undefined;
  /** When it was declared, reopened or recovered, UTC ms: for flapping. */
  readonly changes: readonly number[];
}

export interface EngineState {
  spec: JudgeSpec;
  target: string;
  drill: boolean;
  /** Start of the next bucket to close. */
  next: number;
  cells: Map<string, Map<number, Cell>>;
  history: Map<string, Judged[]>;
  tainted: Set<number>;
  late: Map<string, { count: number; latestMs: number }>;
  lastSample: Map<string, number>;
  withoutData: Set<string>;
  down: Map<string, DownSince>;
  /** The sources of hard down of which this run has heard, whatever they said. */
  heard: Set<string>;
  /** Buckets in which something said that the system is down. */
  downIn: Set<number>;
  facts: Facts;
  /** What was reported of each state and toggle, oldest first. */
  words: Map<string, TimedWord[]>;
  /** When the toggles were read, and whether they could be. */
  reads: { readonly at: number; readonly ok: boolean }[];
  /** As they were last read. */
  toggles?: Readonly<Record<string, string>>;
  answers: Map<string, Answered>;
  /** Answers count: a round stays, or a load runs. */
  sampling: boolean;
  /** Whether each trigger fired as of the newest closed bucket, where its window was full then. */
  fired: Map<string, boolean>;
  /** When another run announced a signal last, as of the incident that is open. */
  announcedElsewhere: Map<string, number>;
  /** The run that this engine judges for. */
  run: string;
  /** Whether all of the run is a drill; `drill` is true besides in the parts of it that are. */
  wholeDrill: boolean;
  /** Another run breaks the target on purpose: nothing is opened or closed meanwhile, and no bucket is known. */
  foreignDrill: boolean;
  /** During a drill: the real incidents, which it leaves alone. */
  aside: Standing;
  incident?: Incident;
  recovered?: Recovered;
  changes: number[];
}

export type BandReading = {
  readonly signal: string;
  readonly n: number;
  readonly value: number | null;
  readonly band: Band;
};

/** Makes the incident what it is after these changes, and says each of them as a transition of its own. */
export function emit(
  state: EngineState,
  incident: Incident,
  changes: readonly IncidentChange[],
  at: number,
): readonly Draft[] {
  const { id, group, drill } = incident;
  const drafts = changes.map((change, index): Draft => {
    const ordinal = incident.ordinal + index + 1;
    const after = closes(change) ? {} : { state: { ...incident, ordinal } };
    return {
      type: 'incident.transition',
      data: { incident: id, group, ordinal, effectiveAt: at, drill, change, ...after },
    };
  });
  state.incident = { ...incident, ordinal: incident.ordinal + changes.length };
  return drafts;
}

const closes = ({ kind }: IncidentChange): boolean => kind === 'recovered' || kind === 'closed';

export type HoldStep =
  | { readonly kind: 'counting'; readonly hold: Hold }
  | { readonly kind: 'reset'; readonly hold: Hold; readonly because: string; readonly lost: number }
  | { readonly kind: 'complete'; readonly hold: Hold };

export function resetHold(hold: Hold, because: string): Extract<HoldStep, { kind: 'reset' }> {
  return {
    kind: 'reset',
    hold: { notBefore: hold.notBefore, good: 0, unknownInRow: 0 },
    because,
    lost: hold.good,
  };
}
