import type { CheckFinished } from '../event/catalogue.ts';
import type { Journal } from '../event/envelope.ts';
import type { JudgeSpec } from '../event/specs.ts';
import type { Clock } from '../kernel/ports.ts';
import type { AnyCheck } from '../check/definition.ts';
import type { Guard } from '../effect/contract.ts';
import type { ToggleDriver } from '../effect/toggle/driver.ts';
import type { ChaosTarget } from './permission.ts';
import type { CallMeter, DependencyProbe, FaultPort, OwnFaults, ProcessFaults } from './ports.ts';

/**
 * What an experiment runs on. The sampler, the scraper, the load and the incident engine run beside it and write to
 * the same journal; the runner only reads what they write.
 */
export interface ExperimentContext {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly faults: FaultPort;
  readonly processes: ProcessFaults;
  readonly own: OwnFaults;
  readonly guard: Guard;
  readonly probes: DependencyProbe;
  readonly calls: CallMeter;
  readonly target: ChaosTarget;
  /** Runs each check once, writes what it found, and returns it. */
  readonly runChecks: (checks: readonly AnyCheck[], signal: AbortSignal) => Promise<readonly CheckFinished[]>;
  /** Where absent, an experiment that changes toggles cannot run, and none are read back. */
  readonly toggles?: ToggleDriver;
  readonly judge: JudgeSpec;
  /** Ctrl-C: everything is undone, then the experiment ends as aborted. */
  readonly signal: AbortSignal;
  /** How long the steady state may take to come, real milliseconds. Default 30 s. */
  readonly steadyWithinMs?: number;
}

/** Limits of an experiment's own patience, real milliseconds. */
export const patience = {
  /** For the steady state to hold once. */
  steadyMs: 30_000,
  /** How long the system's calls are counted before the fault, and at most where none come. */
  callsMs: 3_000,
  callsAtMostMs: 15_000,
  /** For a fault to be proven. */
  proofMs: 30_000,
  /** Between two looks at the events. */
  lookMs: 100,
  /** Between two looks at whether a fault is still as it was set. */
  readBackMs: 1_000,
} as const;
