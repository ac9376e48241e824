import type { Json } from '../kernel/json.ts';

export interface FaultFacts {
  readonly fault: string;
  /** What it is on: a proxy, or what the driver calls it. */
  readonly proxy: string;
  /** What puts it in: `process`, `own`, or one of a later version. Absent: Toxiproxy. */
  readonly driver?: string;
  readonly kind: string;
  readonly attributes: Readonly<Record<string, number>>;
  readonly stream: 'upstream' | 'downstream' | 'both';
  readonly toxicity: number;
  readonly forMs: number;
}

export interface FaultPlanned extends FaultFacts {
  readonly experiment: string;
  /** Where the lease is held, and the fault where it is a toxic. */
  readonly toxiproxy: string;
  readonly expiresAt: number;
  /** How it is undone; without secrets. Absent: by its names in Toxiproxy. */
  readonly undo?: Json;
}

export type UndoneBy = 'runner' | 'guard' | 'heal' | 'someone else';
export type UndoStep =
  | 'toxic-deleted'
  | 'proxy-enabled'
  | 'proxy-recreated'
  | 'server-restarted'
  /** Toxiproxy itself has ended, and with it all that was in it. */
  | 'server-gone'
  /** A process that stood still goes on. */
  | 'continued'
  /** A process that was ended was started again. */
  | 'restarted'
  /** It ended by itself, or somebody ended it. */
  | 'process-gone'
  /** By the undo of a project's own fault. */
  | 'undone'
  | 'already-gone';

/** Shown by asking around the fault, never by an effect that the experiment expects. */
export interface FaultProof {
  readonly fault: string;
  readonly proven: boolean;
  readonly why: string;
  readonly through: ProbeFigures;
  readonly past: ProbeFigures;
  readonly calls: { readonly before: CallFigures; readonly during: CallFigures };
}

export interface ProbeFigures {
  readonly n: number;
  readonly failed: number;
  readonly medianMs: number;
}

/** The system's own calls to the dependency, from its metrics. */
export interface CallFigures {
  readonly count: number;
  readonly errors: number;
  /** Those that were timed: really sent, where a breaker rejected others. Absent in events of earlier versions. */
  readonly timed?: number;
  readonly meanMs: number;
  readonly overMs: number;
}
