import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Severity } from '../event/specs.ts';
import type { Duration } from '../kernel/duration.ts';

/** What an invariant, a sample or a state is computed from. */
export interface Answer<Body> {
  readonly body: Body;
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly durationMs: number;
}

export type SampleValue = boolean | number | readonly number[];

interface Common<Body> {
  /** Unique in the project; kebab-case. */
  readonly name: string;
  /** For people; the name by default. */
  readonly title?: string;
  /** For selection. `core` checks decide recovery. */
  readonly tags: readonly string[];
  /** Of the incident that its failing opens. Default SEV-2 for a check that decides recovery, else SEV-3. */
  readonly severity?: Severity;
  /** How often a continuous sampler runs it. */
  readonly every: Duration;
  /** Cross-field rules. The key is the report's wording; false, a throw, or a text saying what was got is a violation. */
  readonly invariants?: Readonly<Record<string, (answer: Answer<Body>) => boolean | string>>;
  /** Signals this answer feeds: numbers in the signal's unit, for a ratio whether it is good. `undefined` feeds nothing. */
  readonly samples?: Readonly<Record<string, (answer: Answer<Body>) => SampleValue | undefined>>;
  /** Facts about the target that this answer tells. */
  readonly states?: Readonly<Record<string, (answer: Answer<Body>) => boolean | string | number>>;
  /** What to record when no usable answer came: none at all, another status, or a body that breaks its schema. */
  readonly unanswered?: {
    readonly samples?: Readonly<Record<string, SampleValue>>;
    readonly states?: Readonly<Record<string, boolean | string | number>>;
  };
  /** Keep up to 4 KiB of the body with the result. Default false: a hash only. */
  readonly keepBody?: boolean;
  /** Whether running it changes anything. Default `none`. */
  readonly sideEffects?: 'none' | 'writes';
  /** Upper bound on runs an hour against one target, counted over everything that shares its state directory. Default unbounded. */
  readonly maxPerHour?: number;
  /** Feed the signals whose roles are `latency`, `errors` and `serverErrors`. Default true for HTTP checks of the target itself. */
  readonly counted?: boolean;
}

export interface HttpCheck<Body = unknown> extends Common<Body> {
  readonly request: {
    readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
    /** Path on the target. */
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    /** Sent as JSON. */
    readonly body?: unknown;
    readonly timeout: Duration;
    /** Ask a dependency directly, not through its proxy, instead of the target: the proxy's name. */
    readonly direct?: string;
    /** What `direct` was called before; read the same. */
    readonly past?: string;
    /** Ask a dependency through its proxy instead of the target, as the target itself does: the proxy's name. */
    readonly through?: string;
  };
  readonly response: {
    readonly status: number | readonly number[];
    readonly contentType?: string;
    /** Each must be present; a list means any one set of alternatives complete is enough. */
    readonly headers?: readonly string[] | { readonly anyOf: readonly (readonly string[])[] };
    readonly body?: StandardSchemaV1<unknown, Body>;
    /** Longest acceptable response time. */
    readonly within?: Duration;
    /** Bytes read at most. Default 1 MiB; more is a violation. */
    readonly maxBytes?: number;
  };
}

/** The proxy whose dependency is asked directly. */
export const directOf = ({ direct, past }: HttpCheck['request']): string | undefined => direct ?? past;

/** The proxy whose dependency is asked instead of the target. */
export const askedInstead = (request: HttpCheck['request']): string | undefined =>
  directOf(request) ?? request.through;

/** A WebSocket round trip: `count` messages are sent one after another and each reply is timed. */
export interface WebSocketCheck<Body = unknown> extends Common<Body> {
  readonly socket: {
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    /** The message sent; `{{id}}` in any string is replaced by a fresh id, and the reply is the message carrying it. */
    readonly send: Readonly<Record<string, unknown>>;
    /** The field of the reply that carries the id. Default `id`. */
    readonly correlate?: string;
    /** Messages in one run. Default 1. */
    readonly count?: number;
    readonly timeout: Duration;
  };
  readonly reply: {
    readonly body?: StandardSchemaV1<unknown, Body>;
    /** Longest acceptable round trip. */
    readonly within?: Duration;
  };
}

export type Check<Body = unknown> = HttpCheck<Body> | WebSocketCheck<Body>;

// The body is erased where checks are kept together; each keeps its own inference where it is written.
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyCheck = Check<any>;

type StateValue = boolean | string | number;

/** States by name, each with the type of its value, so that an expectation about a state nobody tells does not compile. */
interface Stating<Body, States> {
  readonly states?: { readonly [Name in keyof States]: (answer: Answer<Body>) => States[Name] };
}

/** Declares a check; only infers, so that invariants know the body's type and expectations the states. */
export function defineCheck<Body = unknown, States extends Record<string, StateValue> = Record<never, never>>(
  check: WebSocketCheck<Body> & Stating<Body, States>,
): Omit<WebSocketCheck<Body>, 'states'> & Required<Stating<Body, States>>;
export function defineCheck<Body = unknown, States extends Record<string, StateValue> = Record<never, never>>(
  check: HttpCheck<Body> & Stating<Body, States>,
): Omit<HttpCheck<Body>, 'states'> & Required<Stating<Body, States>>;
export function defineCheck(check: AnyCheck): AnyCheck {
  return check;
}

export function isSocketCheck(check: AnyCheck): check is WebSocketCheck {
  return 'socket' in check;
}

/** `GET /api/sol/complete`: what figures are grouped by. Without the query, which may hold secrets. */
export function endpointOf(check: AnyCheck): string {
  const [method, path] = isSocketCheck(check)
    ? ['WS', check.socket.path]
    : [check.request.method ?? 'GET', check.request.path];
  return `${method} ${path.replace(/[?#].*$/s, '')}`;
}
