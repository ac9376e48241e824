import type { Driver, UndoFailure, Undone } from '../effect/contract.ts';
import type { ProxyState, Stream, ToxicState } from '../effect/proxy-state.ts';
import type { Recipe } from '../effect/recipe.ts';
import type { Dependency } from '../project/target.ts';
import type { ProcessFault, ToxicFault } from './definition.ts';
import type { Holder, Owner, OwnedName } from './names.ts';
import type { UsedOwnFault } from './own-fault.ts';

export type { ProxyState, Stream, ToxicState, UndoFailure, Undone };

/** A fault as it goes into a proxy: whose it is, where, and what. */
export interface Injection {
  readonly owner: Owner;
  readonly proxy: string;
  readonly fault: ToxicFault;
  readonly stream: Stream | 'both';
  readonly toxicity: number;
}

/** A fault of a process of the target. */
export interface ProcessInjection {
  readonly owner: Owner;
  /** Its name in the target. */
  readonly process: string;
  readonly fault: ProcessFault;
}

/** A fault that the project defines. */
export interface OwnInjection {
  readonly owner: Owner;
  readonly fault: UsedOwnFault;
}

export type AnyInjection = Injection | ProcessInjection | OwnInjection;

/** What Toxiproxy says about a fault when asked again. */
export type ReadBack =
  | { readonly state: 'as-set'; readonly proxy: ProxyState }
  | { readonly state: 'gone'; readonly why: string }
  | { readonly state: 'differs'; readonly got: string; readonly allowed: string };

/** Something of Siaga's found in Toxiproxy. */
export type Leftover =
  | {
      readonly kind: 'toxic' | 'disabled';
      readonly proxy: string;
      readonly owner: OwnedName;
      readonly toxic: string;
    }
  | { readonly kind: 'lease' | 'takeover'; readonly proxy: string; readonly owner: Holder };

export interface LeftoverUndone {
  readonly leftover: Leftover;
  readonly undone: Undone;
}

/** What else a lease says of its holder, for those who find it. */
export interface LeaseDetails {
  readonly experiment?: string;
  /** Process number of the guard: while it lives, what the runner left is being undone. */
  readonly guard?: number;
  /** Told once it is taken, where that is written nowhere else, and after each renewal. */
  readonly onHeld?: (state: 'taken' | 'renewed', holder: Holder) => void;
}

/** The right to break one target, held by one run. */
export interface Lease extends AsyncDisposable {
  readonly holder: Holder;
  /** Aborts when the lease could not be renewed or was taken by someone else. */
  readonly lost: AbortSignal;
}

/** Puts faults into proxies and undoes them, under the lease. Every call is bounded in time and rejects with SiagaError. */
export interface FaultPort {
  /** Base URL of Toxiproxy; empty where the target has none. */
  readonly url: string;
  list(): Promise<readonly ProxyState[]>;
  /**
   * Sets the fault, reads it back and compares: Toxiproxy itself accepts nonsense.
   * @throws {SiagaError} `fault-not-set` (exit 3) where what is read back differs; what was set is left for the undo.
   */
  inject(injection: Injection): Promise<ProxyState>;
  readBack(injection: Injection): Promise<ReadBack>;
  /** How what a run leaves here is undone by somebody else, its lease last; `undefined` where that ends with the run. */
  undoOfLease(run: string): Promise<Recipe | undefined>;
  /**
   * Goes through the undo steps until the fault reads back gone. Never rejects.
   * @param onDelete told of a proxy before it is deleted in order to be created again: should this process die in
   * between, somebody must put it back.
   */
  undo(injection: Injection, onDelete?: (proxy: ProxyState) => Promise<void>): Promise<Undone>;
  /**
   * Takes the lease and keeps renewing it until disposed.
   * @throws {SiagaError} `target-leased` (exit 3) where another run holds it.
   */
  lease(run: string, details?: LeaseDetails): Promise<Lease>;
  /** Undoes what is Siaga's and selected; foreign toxics stay. */
  undoLeft(select: (leftover: Leftover) => boolean): Promise<readonly LeftoverUndone[]>;
}

/** A process of the target: where it is found, and what starts it again. */
export interface BreakableProcess {
  readonly name: string;
  /** `host:port` at which it listens. */
  readonly address: string;
  /** A file that holds its number. Absent: the one process that listens at the address. */
  readonly pidFile?: string;
  readonly restart?: Extract<Recipe, { replay: 'command' }>;
  /** Whether it ends with this run: then nobody has to start it again after the run has died. */
  readonly endsWithRun: boolean;
}

/** Stops processes of the target and starts them again. */
export type ProcessFaults = Driver<ProcessInjection>;

export interface OwnFaultsOptions {
  /** The project's folder, absolute. */
  readonly dir: string;
  /** Absolute, of each kind. */
  readonly files: ReadonlyMap<string, string>;
  /** `SIAGA_OWNER` of the commands: what they leave behind ends with the run, should that die. */
  readonly owner: string;
  /** Values that what they print must not show. */
  readonly secrets: readonly string[];
}

/** Faults that the project defines itself. */
export type OwnFaults = Driver<OwnInjection>;

/** One question to a dependency. */
export interface ProbeAnswer {
  readonly ok: boolean;
  /** Until the answer was complete, or until it failed. */
  readonly ms: number;
  /** Until the other side closed; only where the probe asks for a close. */
  readonly closedMs?: number;
  readonly bytes: number;
  /** Why it failed. */
  readonly reason?: string;
}

/** Asks a dependency at an address, once, on its own connection. Never rejects. */
export interface DependencyProbe {
  ask(kind: Dependency['probe'], address: string, timeoutMs: number): Promise<ProbeAnswer>;
}

/** The system's own calls to a dependency since it started. */
export interface CallTotals {
  readonly count: number;
  readonly errors: number;
  /** Calls that were timed, and their sum. */
  readonly timed: number;
  readonly totalMs: number;
  /** What is counted by and has no series so far, as `metric{label="value"}`. */
  readonly unseen?: readonly string[];
  /** When the process that reported them began, UTC ms; absent where it does not say. */
  readonly began?: number;
  /** UTC ms at which they were read. */
  readonly at: number;
}

/**
 * Reads the system's own metrics. Rejects with SiagaError (exit 3): `metrics-unreadable`, and `unknown-metric` with the
 * nearest name.
 */
export interface CallMeter {
  read(calls: Dependency['calls']): Promise<CallTotals>;
}
