import type { Duration } from '../kernel/duration.ts';
import { parseDuration } from '../kernel/duration.ts';
import { SiagaError } from '../kernel/errors.ts';
import type { FaultKind, ProcessFault, ToxicFault } from './definition.ts';

const halfHourMs = 1_800_000;

/** Connections are refused and live ones closed. Toxiproxy has no toxic for this: the proxy is disabled. */
export const down = (): ToxicFault => ({ kind: 'down' });

/**
 * Every chunk arrives later, plus or minus the jitter. Opening a connection is not delayed.
 * @param delay 1 ms to 5 min.
 * @param options jitter: 0 (the default) to the latency itself.
 * @throws {SiagaError} `bad-fault` (exit 2) outside these bounds, as every constructor here.
 */
export function latency(delay: Duration, options: { readonly jitter?: Duration } = {}): ToxicFault {
  const ms = duration('latency', 'delay', delay, 1, 300_000);
  return {
    kind: 'latency',
    latency: ms,
    jitter: duration('latency', 'jitter', options.jitter ?? '0ms', 0, ms),
  };
}

/** At most this many kilobytes a second, 0 to 10 000 000; 0 stalls without closing. */
export const bandwidth = (rate: { readonly kilobytesPerSecond: number }): ToxicFault => ({
  kind: 'bandwidth',
  rate: whole('bandwidth', 'kilobytesPerSecond', rate.kilobytesPerSecond, 0, 10_000_000),
});

/** The end of a connection reaches the other side this much later: 1 ms to 5 min. */
export const slowClose = (delay: Duration): ToxicFault => ({
  kind: 'slow_close',
  delay: duration('slowClose', 'delay', delay, 1, 300_000),
});

/** Nothing gets through; the connection closes this long after data came: 0 (never) to 30 min. */
export const timeout = (after: Duration): ToxicFault => ({
  kind: 'timeout',
  timeout: duration('timeout', 'after', after, 0, halfHourMs),
});

/** A TCP reset this long after data came: 0 (at once, the default) to 30 min. */
export const resetPeer = (after: Duration = '0ms'): ToxicFault => ({
  kind: 'reset_peer',
  timeout: duration('resetPeer', 'after', after, 0, halfHourMs),
});

/**
 * Data arrives in pieces of `averageBytes` plus or minus `variationBytes` (less than the average; default 0),
 * each held back by `delayMicros` (0, the default, to 10 s).
 */
export function slicer(options: {
  readonly averageBytes: number;
  readonly variationBytes?: number;
  readonly delayMicros?: number;
}): ToxicFault {
  const size = whole('slicer', 'averageBytes', options.averageBytes, 1, 1_048_576);
  return {
    kind: 'slicer',
    average_size: size,
    size_variation: whole('slicer', 'variationBytes', options.variationBytes ?? 0, 0, size - 1),
    delay: whole('slicer', 'delayMicros', options.delayMicros ?? 0, 0, 10_000_000),
  };
}

/** The connection closes after this many bytes, 0 to 2³⁰. */
export const limitData = (bytes: number): ToxicFault => ({
  kind: 'limit_data',
  bytes: whole('limitData', 'bytes', bytes, 0, 2 ** 30),
});

/**
 * The process stands still (SIGSTOP): its connections stay open, new ones are accepted by the system, and nothing
 * answers. It goes on afterwards (SIGCONT).
 */
export const frozen = (): ProcessFault => ({ kind: 'frozen' });

/** The process ends at once (SIGKILL), and is started again afterwards by its `restart`. */
export const killed = (): ProcessFault => ({ kind: 'killed' });

/** The attributes as Toxiproxy takes them, `down` has none; of a project's own fault the numbers it was given. */
export function attributesOf(fault: FaultKind): Readonly<Record<string, number>> {
  const given = fault.kind === 'own' ? Object(fault.spec) : fault;
  return Object.fromEntries(
    Object.entries(given).filter((each): each is [string, number] => typeof each[1] === 'number'),
  );
}

function duration(fault: string, name: string, given: Duration, min: number, max: number): number {
  const ms = typeof given === 'string' ? parseDuration(given) : undefined;
  if (ms === undefined) throw bad(fault, name, given, 'a number with ms, s or m, such as 250ms');
  return bounded(fault, name, Math.round(ms), min, max, ' ms');
}

function whole(fault: string, name: string, value: number, min: number, max: number): number {
  if (!Number.isInteger(value)) throw bad(fault, name, value, 'a whole number');
  return bounded(fault, name, value, min, max, '');
}

function bounded(fault: string, name: string, value: number, min: number, max: number, unit: string): number {
  if (value >= min && value <= max) return value;
  throw bad(fault, name, `${value}${unit}`, `${min} to ${max}${unit}`);
}

function bad(fault: string, name: string, got: unknown, allowed: string): SiagaError {
  return new SiagaError('bad-fault', {
    what: `fault.${fault}() was given a ${name} it cannot use`,
    where: `fault.${fault}.${name}`,
    got: String(got),
    allowed,
    exitCode: 2,
  });
}
