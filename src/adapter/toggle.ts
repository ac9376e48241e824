import type { HttpExchange, HttpProbe } from '../check/ports.ts';
import { formatMs } from '../kernel/duration.ts';
import { messageOf, SiagaError, type ErrorFacts } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';
import type { Clock } from '../kernel/ports.ts';
import { compareToggles } from '../toggle/compare.ts';
import { parseToggles } from '../toggle/parse.ts';
import type { ToggleActuator, ToggleProcesses } from '../toggle/ports.ts';

const requestTimeoutMs = 5_000;
const lookAgainMs = 100;
const maxBytes = 65_536;
const mediaType = /^[\w.+-]{1,40}\/[\w.+-]{1,60}/;

type Toggles = Readonly<Record<string, string>>;

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

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
  readonly change: (toggles: Toggles, processes?: ToggleProcesses) => Promise<void>;
  /** From the start of a change until it reads back. */
  readonly timeoutMs: number;
}

/** Toggles read over HTTP and changed by whatever makes them take effect; a change counts once it reads back. */
export function createToggleActuator(options: ToggleOptions): ToggleActuator {
  return {
    via: options.via,
    place: options.place,
    read: (signal) => readOnce(options, signal),
    apply: (values, processes) => apply(options, values, processes),
  };
}

async function apply(
  options: ToggleOptions,
  values: Toggles,
  processes: ToggleProcesses | undefined,
): Promise<void> {
  const { clock, change, timeoutMs } = options;
  const deadline = clock.monotonic() + timeoutMs;
  // A system that is down cannot tell its toggles; then only the changed ones are known.
  const before = await readOnce(options).catch(() => ({}));
  const wanted = { ...before, ...values };
  await change(wanted, processes);
  for (;;) {
    const problem = await lookBack(options, wanted);
    if (problem === undefined) return;
    if (clock.monotonic() >= deadline) throw notApplied(options, wanted, problem);
    await clock.sleep(lookAgainMs);
  }
}

/** Why the toggles are not in effect yet. */
async function lookBack(options: ToggleOptions, wanted: Toggles): Promise<string | undefined> {
  try {
    if (options.readyUrl !== undefined) await get(options, options.readyUrl, {});
    const wrong = compareToggles(await readOnce(options), wanted);
    return wrong.length === 0 ? undefined : wrong.map(({ name, got }) => `${name}=${got}`).join(', ');
  } catch (error) {
    return messageOf(error);
  }
}

async function readOnce(options: ToggleOptions, signal?: AbortSignal): Promise<Toggles> {
  const { url, bearer } = options.read;
  const headers = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
  const { status, body, type } = await get(options, url, headers, signal);
  const toggles = parseToggles(body);
  if (toggles !== undefined) return toggles;
  throw unreadable(url, {
    what: 'what the system answers is no list of toggles',
    got: `status ${status}, ${type}`,
    allowed: 'status 200 with a JSON object of names and values',
    hint: 'is this the address of its toggles?',
  });
}

async function get(
  { http, ca }: ToggleOptions,
  url: string,
  headers: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<Answer> {
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
  if (exchange.kind !== 'answered') throw unreadable(url, silence(exchange));
  const { status, headers: given, body } = exchange;
  const type = mediaType.exec(given['content-type'] ?? '')?.[0] ?? 'no content type';
  if (status === 200) return { status, type, body: new TextDecoder().decode(body) };
  throw unreadable(url, {
    what: 'the system answers with an error instead of what was asked for',
    got: `status ${status}, ${type}`,
    allowed: 'status 200',
    hint: statusHint(status),
  });
}

function silence(exchange: Exclude<HttpExchange, { kind: 'answered' }>): Unreadable {
  return {
    what: 'the system does not answer',
    got: exchange.kind === 'broken' ? exchange.code : 'no answer',
    allowed: 'status 200',
    hint: 'is the system up, and is this its address?',
  };
}

function statusHint(status: number): string {
  if (status === 401) return 'its bearer token is not the one we have';
  return status >= 500 ? 'look at its log: the request has failed there' : 'is this the right address?';
}

type Unreadable = Required<Pick<ErrorFacts, 'what' | 'got' | 'allowed' | 'hint'>>;

function unreadable(url: string, facts: Unreadable): SiagaError {
  return new SiagaError('toggles-unreadable', {
    ...facts,
    where: url.replace(/\?.*/s, ''),
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
