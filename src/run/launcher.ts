import { SiagaError } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';
import type { Progress } from '../kernel/ports.ts';
import type { Environment, Tool } from '../tools/types.ts';
import type { Platform } from './platform.ts';

/** Starts, watches and ends the reference system of a project. Only a checkout has one. */
export interface Launcher {
  /** Every tool that a run or the reference system needs, in the order in which they are listed. */
  readonly tools: readonly Tool[];
  docker(env: Environment): Promise<DockerLook>;
  status(projectDir: string): Promise<ReferenceStatus>;
  /**
   * Starts it for a person: it stays until `down`. One that runs already is left as it is.
   * @throws {SiagaError} `reference-speed` (exit 2) where one runs at another speed; exit 2 or 3 where it cannot start.
   */
  up(options: UpOptions): Promise<UpResult>;
  /**
   * Uses the one that runs, or starts one and stops it afterwards.
   * @throws {SiagaError} as `up`.
   */
  ensure(options: UpOptions): Promise<RunningReference>;
  /**
   * Restarts a part. The toggles in `env` replace the remembered ones, as editing an environment file and restarting a
   * container does.
   * @throws {SiagaError} `part-unknown` (exit 2), `reference-not-running` (exit 3), `reference-part-failed` (exit 3).
   */
  restart(options: ReferenceOptions, part: string): Promise<ReferenceStatus>;
  /**
   * Restarts the API in a process of its own session: a caller that is killed between stop and start would otherwise
   * leave the system without its API.
   * @throws {SiagaError} what the restart threw, or `restart-cut-off` (exit 3) where its process was ended.
   */
  restartApart(order: ApartOrder): Promise<ReferenceStatus>;
  /**
   * Stops it, also where somebody deleted what was known of it. Nothing running is fine. Resolves with whether there was
   * something to stop.
   */
  down(options: ReferenceOptions): Promise<boolean>;
  /**
   * Ends the parts of one of which nothing is known any more, because `.siaga` was deleted while it ran. One that is
   * known is left alone. Resolves with whether there were any.
   */
  endOrphans(projectDir: string, progress: Progress): Promise<boolean>;
  /** The admin token of a running one. A secret: never print it. */
  adminToken(projectDir: string): string | undefined;
}

/** A Docker engine that answers, or why none does. */
export type DockerLook =
  | { readonly ok: true; readonly engine: { readonly address: string; readonly version: string } }
  | { readonly ok: false; readonly reason: string };

export interface ReferenceOptions {
  /** The project whose `.siaga` folder holds state and logs. */
  readonly projectDir: string;
  readonly env: Environment;
  readonly progress: Progress;
  /** Ends a start that is under way and stops what it started. */
  readonly signal?: AbortSignal | undefined;
  /** Told of every process the moment it exists, so that a guard can own it. */
  readonly onSpawn?: OnSpawn | undefined;
  /** `SIAGA_OWNER` in the environment of every part; a random one where absent. */
  readonly owner?: string | undefined;
}

/** Told of every process the moment it exists. */
export type OnSpawn = (pid: number, name: string) => void;

export interface UpOptions extends ReferenceOptions {
  /** 1 to 30. Absent: 30, or whatever a running one has. */
  readonly speed?: number | undefined;
  /** Port of the API. Absent: a free one. */
  readonly port?: number | undefined;
}

export interface UpResult {
  readonly started: boolean;
  readonly status: ReferenceStatus;
}

export interface ApartOrder {
  readonly projectDir: string;
  /** The environment from which the toggles are taken. */
  readonly env: Environment;
  readonly progress: Progress;
  /** Told of the part that was started. */
  readonly onSpawn: OnSpawn;
  /** Told of the process that restarts it, the moment it exists. It begins when this has settled. Must not reject. */
  readonly onChange?: ((pid: number) => void | Promise<void>) | undefined;
}

export interface RunningReference {
  readonly status: ReferenceStatus;
  /** Bearer token of `status.admin`. A secret: never print it. */
  readonly adminToken: string;
  /** Whether this call started it, rather than finding it running. */
  readonly startedHere: boolean;
  /** Ends this use. What a command started is stopped when its last user has gone; resolves with whether it was. */
  stop(): Promise<boolean>;
}

/** What `siaga reference status --json` prints. */
export interface ReferenceStatus {
  /** Whether every part lives and the API and Toxiproxy answer. A failing dependency does not count against it. */
  readonly running: boolean;
  /** Base URL of the API. */
  readonly api: string | null;
  /** Base URL of Toxiproxy's own API. */
  readonly toxiproxy: string | null;
  /** URL on which GET reads and PATCH sets the toggles. */
  readonly admin: string | null;
  /** Where the bearer token for `admin` comes from; never the token itself. */
  readonly adminToken: { readonly from: 'environment' | 'generated'; readonly where: string } | null;
  /** Process of each part; null for one that was given by URL and is not ours. */
  readonly pids: Readonly<Record<string, number | null>>;
  /** Where each proxy listens and what it leads to, as `host:port`. */
  readonly proxies: Readonly<Record<string, { readonly listen: string; readonly upstream: string }>>;
  /** Folder with a log for each part. */
  readonly logs: string;
  readonly speed: number | null;
  readonly startedAt: string | null;
  /** Toggles with which the API starts next time. */
  readonly toggles: Readonly<Record<string, string>>;
  /** Where the tools of its parts came from, and which version each is. */
  readonly tools: object;
  /** Parts that should run and do not, each with what speaks against it. */
  readonly dead: readonly { readonly part: string; readonly reason: string }[];
}

/** @throws {SiagaError} `reference-not-shipped` (exit 2): an installed package does not hold the reference system. */
export async function launcherOf({ launcher }: Pick<Platform, 'launcher'>): Promise<Launcher> {
  const found = await launcher();
  if (found) return found;
  throw new SiagaError('reference-not-shipped', {
    what: 'the reference system comes with a checkout of siaga, not with the installed package',
    hint: 'clone the repository and run the command there, or set SIAGA_TARGET_URL to use a system of your own',
    exitCode: exit.usage,
  });
}
