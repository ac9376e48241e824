import type { HttpProbe } from '../check/ports.ts';
import { formatMs } from '../kernel/duration.ts';
import { messageOf, SiagaError } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';
import type { Clock } from '../kernel/ports.ts';
import { compareToggles } from '../toggle/compare.ts';
import { parseToggles } from '../toggle/parse.ts';
import type { ToggleActuator } from '../toggle/ports.ts';

const requestTimeoutMs = 5_000;
const lookAgainMs = 100;
const maxBytes = 65_536;

type Toggles = Readonly<Record<string, string>>;

export interface ToggleOptions {
  readonly http: HttpProbe;
  readonly clock: Clock;
  /** For people: `environment and restart`. */
  readonly via: string;
  /** Where toggles are read, as it may be shown. */
  readonly place: string;
  /** Answers GET with an object of names and values. */
  readonly read: { readonly url: string; readonly bearer?: string };
  /** Answers 200 when the system can serve; left out where reading the toggles is proof enough. */
  readonly readyUrl?: string | undefined;
  readonly ca?: string | undefined;
  /** Makes the whole set of toggles take effect: the changed ones and, as far as known, all others. */
  readonly change: (toggles: Toggles, signal?: AbortSignal) => Promise<void>;
  /** From the start of a change until it reads back. */
  readonly timeoutMs: number;
}

/** Toggles read over HTTP and changed by whatever makes them take effect; a change counts once it reads back. */
export function createToggleActuator(options: ToggleOptions): ToggleActuator {
  return {
    via: options.via,
    place: options.place,
    read: (signal) => readOnce(options, signal),
    apply: (values, signal) => apply(options, values, signal),
  };
}

async function apply(
  options: ToggleOptions,
  values: Toggles,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { clock, change, timeoutMs } = options;
  const deadline = clock.monotonic() + timeoutMs;
  // A system that is down cannot tell its toggles; then only the changed ones are known.
  const before = await readOnce(options, signal).catch(() => ({}));
  signal?.throwIfAborted();
  const wanted = { ...before, ...values };
  await change(wanted, signal);
  for (;;) {
    const problem = await lookBack(options, wanted, signal);
    if (problem === undefined) return;
    if (clock.monotonic() >= deadline) throw notApplied(options, wanted, problem);
    await clock.sleep(lookAgainMs, signal);
  }
}

/** Why the toggles are not in effect yet. */
async function lookBack(
  options: ToggleOptions,
  wanted: Toggles,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  try {
    if (options.readyUrl !== undefined) await get(options, options.readyUrl, {}, signal);
    const wrong = compareToggles(await readOnce(options, signal), wanted);
    return wrong.length === 0 ? undefined : wrong.map(({ name, got }) => `${name}=${got}`).join(', ');
  } catch (error) {
    signal?.throwIfAborted();
    return messageOf(error);
  }
}

async function readOnce(options: ToggleOptions, signal: AbortSignal | undefined): Promise<Toggles> {
  const { url, bearer } = options.read;
  const headers = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
  const toggles = parseToggles(await get(options, url, headers, signal));
  if (toggles !== undefined) return toggles;
  throw unreadable(url, 'an answer that is no object of names and values');
}

async function get(
  { http, ca }: ToggleOptions,
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<string> {
  const trust = ca === undefined ? {} : { ca };
  const request = {
    method: 'GET',
    url,
    headers,
    timeoutMs: requestTimeoutMs,
    maxBytes,
    repeatable: true,
    ...trust,
  };
  const exchange = await http.ask(request, signal);
  if (exchange.kind === 'interrupted') signal?.throwIfAborted();
  if (exchange.kind === 'answered' && exchange.status === 200) return new TextDecoder().decode(exchange.body);
  if (exchange.kind === 'answered') throw unreadable(url, `status ${exchange.status}`);
  throw unreadable(url, exchange.kind === 'broken' ? exchange.code : 'no answer');
}

function unreadable(url: string, got: string): SiagaError {
  return new SiagaError('toggles-unreadable', {
    what: 'the system does not answer',
    where: url.replace(/\?.*/s, ''),
    got,
    allowed: 'status 200',
    hint:
      got === 'status 401'
        ? 'its bearer token is not the one we have'
        : 'is the system up, and is this its address?',
    exitCode: exit.inconclusive,
  });
}

function notApplied({ via, timeoutMs }: ToggleOptions, wanted: Toggles, got: string): SiagaError {
  return new SiagaError('toggles-not-applied', {
    what: `toggles did not take effect within ${formatMs(timeoutMs)} by ${via}`,
    got,
    allowed: Object.entries(wanted)
      .map(([name, value]) => `${name}=${value}`)
      .join(', '),
    exitCode: exit.inconclusive,
  });
}
