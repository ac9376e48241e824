import type { Band, Judged } from '../signal/judge.ts';
import type { SampleBatch } from '../event/samples.ts';
import type { HandOver } from '../event/incident.ts';
import type { JudgeSpec, Severity } from '../event/specs.ts';

/** Where an open incident stands; each phase holds only what it needs. */
export type Phase =
  | { readonly name: 'degraded' }
  | { readonly name: 'mitigated'; readonly providerGood: number; readonly fallback: Fallback }
  | { readonly name: 'restoring'; readonly proposedBy: number; readonly fallback: Fallback }
  | { readonly name: 'recovering'; readonly hold: Hold }
  | {
      readonly name: 'verifying';
      readonly hold: Hold;
      readonly since: number;
      readonly results: VerifyResults;
    };

/** A fallback that lasts. `stable` once it has been handed over: MITIGATED-STABLE. */
export interface Fallback {
  /** When it was first MITIGATED, UTC ms. */
  readonly since: number;
  readonly stable?: HandOver;
}

/** The recovery clock: consecutive good buckets, and what they were. */
export interface Hold {
  /** Buckets before this one (UTC ms) do not count: the system was not yet restored. */
  readonly notBefore: number;
  readonly good: number;
  readonly unknownInRow: number;
  /** Start of the first bucket counted, for the judgement over the whole hold. */
  readonly from?: number;
}

export type VerifyResults = Readonly<Record<string, { readonly passed: boolean; readonly seq: number }>>;

export interface Incident {
  readonly id: string;
  readonly group: string;
  readonly severity: Severity;
  readonly drill: boolean;
  readonly signals: readonly string[];
  readonly ordinal: number;
  readonly phase: Phase;
  readonly holdBuckets: number;
  /** While it is flapping: the last digest, when (UTC ms) and which change of the incident it was. */
  readonly digest?: { readonly at: number; readonly ordinal: number };
  /** When it was declared, UTC ms. */
  readonly since: number;
}

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
  incident?: Incident;
  recovered?: {
    readonly id: string;
    readonly ordinal: number;
    readonly at: number;
    readonly group: string;
    /** The hold that ended it, where it was flapping. */
    readonly holdBuckets?: number;
  };
  changes: number[];
}

export type BandReading = {
  readonly signal: string;
  readonly n: number;
  readonly value: number | null;
  readonly band: Band;
};
