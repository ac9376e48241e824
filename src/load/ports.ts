import type { Json } from '../kernel/json.ts';

/** k6 as this room needs it. Any k6 from 1.7 to below 3. */
export interface K6 {
  /** As it says itself: `1.8.1`. */
  readonly version: string;
  /** Runs a script's init code, no iterations. Bounded to 20 s. */
  inspect(script: string, env: Environment): Promise<Inspected>;
  /** Checks a TypeScript script's types. */
  typeCheck(script: string): Promise<TypeCheck>;
  /**
   * Starts a run.
   * @throws {SiagaError} `k6-not-started` (exit 3)
   */
  start(launch: Launch): Promise<K6Run>;
}

export type Environment = Readonly<Record<string, string>>;

export interface Inspected {
  readonly exitCode: number | null;
  /** The script's options as k6 understood them; `undefined` where it printed no JSON. */
  readonly options: Json | undefined;
  /** k6's own log lines. */
  readonly log: readonly string[];
}

export type TypeCheck =
  | { readonly state: 'checked'; readonly errors: readonly string[] }
  | { readonly state: 'unchecked'; readonly reason: string };

export interface Launch {
  /** Names the files of this run in `folder`. */
  readonly name: string;
  readonly script: string;
  /** Everything the script sees in `__ENV` beside PATH, HOME and their like. */
  readonly env: Environment;
  /** Functions of the script that iterations call, beside its default one. */
  readonly functions: readonly string[];
  readonly folder: string;
  /** k6's own tags on each point. */
  readonly systemTags: readonly string[];
  /** Requests a second at most, whole, above 0. */
  readonly rps: number;
  /** Called with each line of raw points, in order. */
  onPoint(line: string): void;
  /** Called with each line of k6's log. */
  onLog(line: string): void;
  /** Called at once after the spawn, so that a guard can own the process. */
  onSpawn(pid: number): void;
}

export interface K6Run {
  readonly pid: number;
  /** Settles once the process is gone and all its points were handed over. Never rejects. */
  readonly ended: Promise<K6End>;
  /** CPU seconds used so far; `undefined` where the system does not tell. */
  cpuSeconds(): number | undefined;
  /** How long each thread waited for a processor so far, ms; `undefined` where the system does not tell. */
  cpuWaits(): ReadonlyMap<number, number> | undefined;
  /** Whether the operating system holds the process (SIGSTOP); `false` where the system does not tell. */
  held(): boolean;
  /** Cores the process may use. */
  readonly cores: number;
  /** Asks k6 to end, and ends it after 3 s. Resolves when it is gone. */
  stop(): Promise<void>;
}

export interface K6End {
  readonly code: number | null;
  readonly signal: string | null;
  /** Path of the compressed points relative to the folder; absent where they could not be written. */
  readonly raw?: string;
  /** Why the points could not be kept. */
  readonly rawProblem?: string;
}
