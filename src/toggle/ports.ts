import type { ProcessId } from '../kernel/ports.ts';

/** Reads toggles from the system itself, and changes them the way the runbook says. */
export interface ToggleActuator {
  /** For people: `environment and restart`. */
  readonly via: string;
  /** Where toggles are read, as it may be shown. */
  readonly place: string;
  /** What the system says its toggles are. Rejects with SiagaError where it cannot be asked. */
  read(signal?: AbortSignal): Promise<Readonly<Record<string, string>>>;
  /** Sets these toggles, leaves the others, and returns when the system is ready again. */
  apply(values: Readonly<Record<string, string>>, processes?: ToggleProcesses): Promise<void>;
}

/** Told of the processes that a change starts, the moment they exist. */
export interface ToggleProcesses {
  /** One that makes the change, and ends with it. A restart begins when this has settled. Must not reject. */
  changing(process: ProcessId): Promise<void>;
  /** One that stays: a part of the system that was restarted. */
  started(process: ProcessId): void;
}
