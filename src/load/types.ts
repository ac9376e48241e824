import type { LoadFinished } from '../event/catalogue.ts';
import type { Journal } from '../event/envelope.ts';
import type { JudgeSpec } from '../event/specs.ts';
import type { Clock } from '../kernel/ports.ts';
import type { Environment, K6 } from './ports.ts';

export interface LoadRequest {
  /** Names the load in events and files: `smoke`. */
  readonly name: string;
  /** Absolute path of the k6 script. */
  readonly script: string;
  /** How reports call the script: a path within the project. Default: the file's name. */
  readonly label?: string;
  /** Iterations a second the scenario is asked for, as `SIAGA_RATE`. Default: the scenario's own. */
  readonly rate?: number;
  /** How long the scenario is asked to last, as `SIAGA_DURATION`. Default: the scenario's own. */
  readonly durationMs?: number;
  /** Longest wait for an answer, as `SIAGA_TIMEOUT`. Default 2 s. */
  readonly timeoutMs?: number;
  /** More of the script's environment. */
  readonly env?: Environment;
  /** Endpoints that must be reached. Default: those the scenarios' `endpoint` tags name. */
  readonly endpoints?: readonly string[];
  /**
   * `judged`: the runbook's thresholds decide. `observed`: only whether the generator did its work; for a load
   * that runs while something is broken on purpose. Default `judged`.
   */
  readonly thresholds?: 'judged' | 'observed';
  /** Check the script's types first. Default true. */
  readonly typeCheck?: boolean;
}

export interface LoadContext {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly k6: K6;
  /** The run's folder: raw points and the generated configuration go there. */
  readonly runFolder: string;
  readonly target: {
    /** As the configuration calls it. Default: it has no name. */
    readonly name?: string;
    readonly url: string;
    /** Headers that say who asks. */
    readonly headers: Readonly<Record<string, string>>;
    /** HTTP requests a second that the target allows, 1 at least. Default 20. */
    readonly maxRate?: number;
    /** Absolute path of a PEM file: the only authorities trusted. Default: the system's. */
    readonly ca?: string;
  };
  readonly judge: JudgeSpec;
  /** Aborting stops the load. */
  readonly signal?: AbortSignal;
  readonly onSpawn: (pid: number) => void;
}

/** A load that runs beside something else. */
export interface RunningLoad {
  /** Resolves when the first request was answered; rejects where the load ends, or stands still, before. */
  readonly ready: Promise<void>;
  /** The verdict, as written to the journal. */
  readonly finished: Promise<LoadFinished>;
  /** Ends the load; that it then is shorter than planned is no fault of it. */
  stop(): Promise<void>;
}
