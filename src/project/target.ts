import type { Subject } from '../event/message.ts';
import type { Duration } from '../kernel/duration.ts';

/** A counter or histogram of the target's own metrics, by name and labels. */
export interface MetricRef {
  readonly metric: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** A dependency behind a Toxiproxy proxy. */
export interface Dependency {
  /** How it is asked through the proxy and past it. `http` GETs the path, `postgres` and `redis` do one protocol round trip, `tcp` connects. */
  readonly probe:
    | { readonly kind: 'http'; readonly path: string }
    | { readonly kind: 'postgres' | 'redis' | 'tcp' };
  /** The system's own calls to it: without them nothing proves that a fault met traffic. */
  readonly calls: {
    readonly count: MetricRef;
    readonly errors: readonly MetricRef[];
    /** A histogram in seconds. */
    readonly duration: MetricRef;
  };
  /** `host:port` at which it is asked past its proxy from here. Default: the proxy's upstream, as Toxiproxy has it; that is no address of ours where it is a name inside a container network. */
  readonly direct?: string;
}

/** A process of the target that may be stopped: one that runs on this machine, as somebody whom this user may signal. */
export interface TargetProcess<Proxy extends string = string> {
  /** The dependency that it is: the system's own calls to it must then show the fault. */
  readonly dependency?: Proxy;
  /** `host:port` on loopback at which it listens, past any proxy. Default: where its dependency is asked directly; without one, the target's `url`. */
  readonly address?: string;
  /** How it is asked there. Default: as its dependency; without one, a connection. */
  readonly probe?: Dependency['probe'];
  /** A file that holds its number. Default: the one process that listens at the address. */
  readonly pidFile?: string;
  /**
   * Starts it again after `fault.killed()`: run in the project's folder, also by the guard, and perhaps where it runs
   * again already. Default for the API of the reference system: its own restart.
   */
  readonly restart?: { readonly command: readonly [string, ...string[]]; readonly timeout: Duration };
}

/** A system Siaga may look at, and what may be done to it. `${VAR}` in strings comes from the environment; unset is an error. */
export interface Target<Proxy extends string = string, Process extends string = string> {
  readonly name: string;
  /** Base URL. `reference` means the reference system of this checkout: a running one, or one started for the command. `SIAGA_TARGET_URL` replaces the address of the API, and of toggles that are read there; what it asks is another system with incidents of its own. */
  readonly url: string;
  /** Production is never broken on purpose; no flag allows it. Default false. */
  readonly production?: boolean;
  /** Whether faults may be injected. Default `forbidden`. Loopback addresses or this, and never production. */
  readonly chaos?: 'allowed' | 'forbidden';
  /** Highest request rate a load may offer, a second. Default 20 (smoke only). */
  readonly load?: { readonly maxRate: number };
  /** Headers that tell the target who is asking. */
  readonly identity?: {
    readonly probe?: Readonly<Record<string, string>>;
    readonly load?: Readonly<Record<string, string>>;
  };
  /** Rate-limit policies the target grants these identities, as `60;w=60;burst=10`: what checks and loads plan is held against them. */
  readonly rateLimit?: { readonly probe?: string; readonly load?: string };
  /** PEM file of a certificate authority to trust for this target. */
  readonly ca?: string;
  /** Toxiproxy's HTTP address; taken from the reference system where that is the target. */
  readonly toxiproxy?: string;
  readonly proxies: Readonly<Record<Proxy, Dependency>>;
  /** Processes that experiments may freeze or kill, by name: only with `chaos: 'allowed'`, and none that is not named here. */
  readonly processes?: Readonly<Record<Process, TargetProcess<NoInfer<Proxy>>>>;
  /** Where toggles are read, and the command that makes the changed environment take effect. */
  readonly toggles?: {
    readonly read: { readonly url: string; readonly bearer?: string };
    /** Run with the toggles in its environment; the default for the reference system is its own restart. */
    readonly apply?: { readonly command: readonly string[]; readonly timeout: Duration };
  };
  /** Path of the Prometheus metrics. */
  readonly metrics?: string;
  /** Path that answers 200 when the system can serve. */
  readonly ready?: string;
}

/** What every channel may say, whatever its kind. */
export interface ChannelRules {
  readonly language?: 'id' | 'en';
  /** Gets only what another channel refused. Default false. */
  readonly standby?: boolean;
  /**
   * What it receives: `incidents` are real ones, `drills` those of experiments and game days, `monitoring` says that
   * Siaga itself cannot measure, `heartbeat` is one line at the end of each `siaga check`. Default `['incidents']`: a channel that pages people gets no drill unless it asks for
   * them. What no channel receives is shown on the terminal.
   */
  readonly receives?: readonly Subject[];
}

/** Where messages go. Secrets by variable name, as `${VAR}`; a channel whose variables are unset is reported by `validate` and skipped. */
export type Channel =
  | (ChannelRules & {
      readonly kind: 'telegram';
      readonly token: string;
      readonly chat: string;
      readonly api?: string;
    })
  | (ChannelRules & { readonly kind: 'webhook'; readonly url: string; readonly bearer?: string });

/** A channel of a kind that the project defines in `channels/`; beside `kind` stand the options of that kind, judged by its own schema. */
export interface OwnChannel extends ChannelRules {
  readonly kind: string;
  readonly [option: string]: unknown;
}

/** `siaga.config.ts`: where, and what may be done there. */
export interface Config {
  readonly targets: readonly Target[];
  /** Name of the target used without `--target`. Default: the only one. */
  readonly defaultTarget?: string;
  readonly channels?: Readonly<Record<string, Channel | OwnChannel>>;
  /** URL that is called after each successful `siaga check`, in the Healthchecks form. */
  readonly heartbeat?: string;
}

/** Declares a target; only infers, so that experiments know its proxies and processes. */
export function defineTarget<const Proxy extends string, const Process extends string = never>(
  target: Target<Proxy, Process>,
): Target<Proxy, Process> {
  return target;
}

/** What a channel of a kind must be: a kind of Siaga's has its own options, any other those of its definition. */
type ChannelOf<Kind extends string> = Kind extends Channel['kind']
  ? Extract<Channel, { kind: Kind }>
  : OwnChannel;

/** Declares the configuration. */
export function defineConfig<const Channels extends Readonly<Record<string, { readonly kind: string }>>>(
  config: Omit<Config, 'channels'> & {
    readonly channels?: Channels & { readonly [Name in keyof Channels]: ChannelOf<Channels[Name]['kind']> };
  },
): Config {
  return config;
}
