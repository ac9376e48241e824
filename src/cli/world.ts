import type { CallMeter, DependencyProbe, FaultPort, Guard } from '../chaos/ports.ts';
import type { HttpProbe, SocketProbe } from '../check/ports.ts';
import type { Store } from '../event/store.ts';
import type { ExitCode } from '../kernel/exit.ts';
import type { Clock, Random } from '../kernel/ports.ts';
import type { ProjectFiles } from '../project/ports.ts';

/** Everything outside that commands may touch, joined once in `main.ts`. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Results. */
  stdout(text: string): void;
  /** Progress, logs and errors. */
  stderr(text: string): void;
  readonly terminal: { readonly isTerminal: boolean; readonly columns: number; readonly color: boolean };
  readonly clock: Clock;
  readonly random: Random;
  readonly boot: string;
  readonly version: string;
  /** What the command ended with; each command sets it once. */
  readonly outcome: { code: ExitCode };
  /** Aborts on Ctrl-C or SIGTERM. */
  readonly interrupted: AbortSignal;
  readonly projectFiles: ProjectFiles;
  readonly openStore: (path: string) => Store;
  readonly http: () => HttpProbe;
  readonly socket: () => SocketProbe;
  readonly faults: (toxiproxyUrl: string) => FaultPort;
  readonly dependencyProbe: DependencyProbe;
  readonly callMeter: (metricsUrl: string) => CallMeter;
  readonly startGuard: (
    owner: string,
    store?: { readonly path: string; readonly target: string },
  ) => Promise<Guard>;
  readonly writeFiles: (folder: string, files: ReadonlyMap<string, string>) => void;
}
