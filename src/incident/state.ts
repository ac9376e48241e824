import type { Band, Judged } from '../signal/judge.ts';
import type { SampleBatch } from '../event/samples.ts';
import type { Incident } from '../event/incident.ts';
import type { JudgeSpec } from '../event/specs.ts';

export type { Fallback, Hold, Incident, Phase, VerifyResults } from '../event/incident.ts';

/** A closed or open bucket of one signal. */
export interface Cell {
  readonly batches: SampleBatch[];
  readonly seqs: number[];
}

/** What the system last said of itself. `seq` is the event that said so. */
export interface Facts {
  fallback?: { readonly active: boolean; readonly seq: number };
  provider: Map<number, { good: number; bad: number }>;
  toggles?: {
    readonly abnormal: readonly string[];
    readonly values: Readonly<Record<string, string>>;
    readonly seq: number;
  };
  core: Map<string, boolean>;
  /** The last one of the target that failed. */
  request?: { readonly id: string; readonly at: number };
}

/** A source that says the system is down altogether, and since when without a contradiction. */
export interface DownSince {
  readonly at: number;
  readonly seqs: readonly number[];
}

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
  blind: Set<string>;
  down: Map<string, DownSince>;
  facts: Facts;
  /** The run that this engine judges for. */
  run: string;
  /** Whether all of the run is a drill; `drill` is true besides in the parts of it that are. */
  wholeDrill: boolean;
  /** Another run breaks the target on purpose: nothing is opened, moved or closed meanwhile. */
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
