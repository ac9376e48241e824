import type { Gauge } from '../export/gauges.ts';
import type { HeartbeatCaller, MessageChannel } from '../notify/ports.ts';
import type { SelectedChannel } from '../project/channels.ts';
import type { Pending, Settled } from '../effect/recipe.ts';
import type { ToggleActuator } from '../toggle/ports.ts';
import type { ToggleMethod } from '../toggle/method.ts';
import type {
  BreakableProcess,
  CallMeter,
  DependencyProbe,
  FaultPort,
  OwnFaults,
  OwnFaultsOptions,
  ProcessFaults,
} from '../chaos/ports.ts';
import type { Guard } from '../effect/contract.ts';
import type { HttpProbe, SocketProbe } from '../check/ports.ts';
import type { Recorded, Store } from '../event/store.ts';
import type { ExitCode } from '../kernel/exit.ts';
import type { Clock, HasEnded, ProcessId, ProcessMark, Random } from '../kernel/ports.ts';
import type { Secrets } from '../kernel/redact.ts';
import type { K6 } from '../load/ports.ts';
import type { CheckTypes, ProjectFiles } from '../project/ports.ts';
import type { OwnCode, OwnCommand } from '../sampling/own-source.ts';

import type { Launcher } from './launcher.ts';

export interface StartCommand {
  readonly command: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onSpawn: (pid: number) => void;
}

/** Everything outside that commands may touch, joined once in `main.ts`. */
export interface Platform {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Results. */
  stdout(text: string): void;
  /** Progress, logs and errors. */
  stderr(text: string): void;
  /** The terminal of stderr, as it is when asked. */
  readonly terminal: {
    readonly isTerminal: boolean;
    readonly color: boolean;
    readonly columns: number;
    readonly rows: number;
  };
  /** Lines at its foot, in place of those before; what is written stands above them. `keep` leaves them there. */
  paint(lines: readonly string[] | 'keep'): void;
  /** Hides what is secret: everything that is written goes through it. */
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly random: Random;
  readonly boot: string;
  readonly version: string;
  /** Version of Node. */
  readonly node: string;
  /** How this process is told from any other, here or on another machine. */
  readonly ownMark: () => ProcessMark;
  readonly hasEnded: HasEnded;
  readonly identify: (pid: number) => ProcessId;
  /** How this program is called here, for every command that is printed: `npx siaga`. */
  readonly called: string;
  /** What the command ended with; each command sets it once. */
  readonly outcome: { code: ExitCode };
  /** Aborts on Ctrl-C or SIGTERM. */
  readonly interrupted: AbortSignal;
  readonly projectFiles: ProjectFiles;
  readonly checkTypes: CheckTypes;
  readonly openStore: (path: string) => Store;
  /** The same for a round, which goes on without a record where the disk is full. */
  readonly openStoreOrNone: (path: string) => Store;
  /** Creates and writes nothing; `undefined` where nothing is on record. */
  readonly readStore: (path: string) => Recorded | undefined;
  readonly http: HttpProbe;
  readonly socket: SocketProbe;
  /** k6 as given, found, cached or built. Rejects with SiagaError (exit 2 or 3) where it cannot be had. */
  readonly k6: () => Promise<K6>;
  /** `projectDir`: whose reference system the Toxiproxy is of, where it is one's. */
  readonly faults: (toxiproxyUrl: string, options?: { readonly projectDir?: string }) => FaultPort;
  readonly processFaults: (processes: readonly BreakableProcess[]) => ProcessFaults;
  readonly ownFaults: (options: OwnFaultsOptions) => OwnFaults;
  /** Undoes by its recipe what a dead run left. Bounded in time, and never rejects. */
  readonly undo: (pending: Pending) => Promise<Settled>;
  readonly dependencyProbe: DependencyProbe;
  /** Reads toggles and makes them take effect; reads back what it set. */
  readonly toggleActuator: (method: ToggleMethod) => ToggleActuator;
  readonly callMeter: (metricsUrl: string) => CallMeter;
  /** Starts a command line in a process group of its own; what it prints goes to stderr. */
  readonly startCommand: (options: StartCommand) => {
    readonly ended: Promise<string>;
    stop(): Promise<void>;
  };
  /** The launcher of the reference system, where this is a checkout. */
  readonly launcher: () => Promise<Launcher | undefined>;
  readonly openChannels: (channels: Readonly<Record<string, SelectedChannel>>) => readonly MessageChannel[];
  readonly heartbeat: HeartbeatCaller;
  /** Calls a project's own code, bounded in time. */
  readonly callOwn: OwnCode['call'];
  /** Runs a project's own command in a process group of its own, which ends with it. */
  readonly outputOf: (
    command: OwnCommand & {
      readonly cwd: string;
      readonly env: Readonly<Record<string, string | undefined>>;
      readonly onSpawn: (pid: number) => void;
    },
  ) => Promise<string>;
  /** Writes a run's reports, each whole or not at all. Rejects with SiagaError (exit 3) where the folder takes no file. */
  readonly writeFiles: (folder: string, files: ReadonlyMap<string, string>) => void;
  readonly appendFile: (path: string, text: string) => void;
  /** Figures for a monitoring system, in the text format of Prometheus. Rejects where the file cannot be written. */
  readonly writeTextfile: (path: string, gauges: readonly Gauge[]) => Promise<void>;
  readonly startGuard: (
    owner: string,
    store?: { readonly path: string; readonly target: string },
  ) => Promise<Guard>;
}
