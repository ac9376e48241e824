import type { Progress } from '../kernel/ports.ts';

/** Where a tool came from, in the order in which the places are tried. */
export type SourceName = 'given' | 'path' | 'cache' | 'containers' | 'built' | 'embedded';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Everything provisioning may know about its surroundings. */
export interface ProvisionContext {
  readonly env: Environment;
  /** Relative paths in `SIAGA_*` are resolved from here. */
  readonly cwd: string;
  /** The one folder that provisioning writes to. */
  readonly cacheDir: string;
  /** Root of the package or checkout. */
  readonly root: string;
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  readonly progress: Progress;
  /** Ends what runs; `provide` then rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** A place that was tried and what it said. */
export interface Attempt {
  readonly source: SourceName;
  readonly reason: string;
}

/** A tool that can be used. */
export interface Found {
  /** Path of the executable, the URL of a running server, or the image of a container. */
  readonly location: string;
  /** `unknown` where a server does not tell. */
  readonly version: string;
  /** What the executable needs in its environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Address of the Docker engine, where `location` is an image. */
  readonly engine?: string;
  /** Executables that belong to it, by name: `initdb` for Postgres. */
  readonly companions?: Readonly<Record<string, string>>;
}

export interface Provided extends Found {
  readonly tool: string;
  readonly source: SourceName;
  /** The places before it, each with the reason why it was passed over. */
  readonly tried: readonly Attempt[];
}

export type Look =
  | { readonly kind: 'found'; readonly found: Found }
  | { readonly kind: 'absent'; readonly reason: string }
  | { readonly kind: 'obtainable'; readonly how: string };

/** One place a tool can come from. */
export interface Source {
  readonly name: SourceName;
  /**
   * Looks without changing anything.
   * @throws {SiagaError} where something that was given by name is wrong (exit 2 or 3).
   */
  look(context: ProvisionContext): Promise<Look>;
  /** Builds or unpacks it into the cache, or pulls its image; only where `look` may answer `obtainable`. */
  obtain?(context: ProvisionContext): Promise<Found>;
}

/** A program that Siaga starts, or a server that it uses. */
export interface Tool {
  readonly name: string;
  /** The places that it can come from, in the order in which they are tried. */
  readonly sources: readonly Source[];
  /** What a person can do where no place has it. */
  readonly hint: string;
}

export function absent(reason: string): Look {
  return { kind: 'absent', reason };
}
