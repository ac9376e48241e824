import { conclude, type Evaluation, type RunFacts } from '../check/conclude.ts';
import {
  type AnyCheck,
  type HttpCheck,
  isSocketCheck,
  type WebSocketCheck,
  askedInstead,
  directOf,
} from '../check/definition.ts';
import { evaluateHttp } from '../check/evaluate-http.ts';
import { evaluateSocket } from '../check/evaluate-socket.ts';
import type { CheckFinished } from '../event/catalogue.ts';
import type { HttpRequest } from '../check/ports.ts';
import { type Redactor, redactor } from '../check/text.ts';
import { toMs } from '../kernel/to-ms.ts';
import type { AskedTarget, SamplingContext } from './context.ts';
import { createRecorder } from './recorder.ts';
import type { SourceReader } from './own-source.ts';
import type { MetricsReader } from './scraper.ts';
import { Slots } from './slots.ts';

const defaultMaxBytes = 1_048_576;

/** One planned observation. */
export interface Run {
  readonly lane: string;
  /** Which kept WebSocket connection it may use: two runs at once must not share one. */
  readonly connection: string;
  readonly latenessMs: number;
}

/** Names the lane of a check: each target × check has its own, so that one that hangs delays no other. */
export const laneOf = (target: Pick<AskedTarget, 'name'>, check: AnyCheck): string =>
  `${target.name}/${check.name}`;

/**
 * Asks the target once and judges its answer. Writes nothing.
 * @throws {SiagaError} where the target's URL or certificate authority cannot be used (exit 2)
 */
export async function observe(check: AnyCheck, run: Run, context: SamplingContext): Promise<Evaluation> {
  const requestId = `siaga-${context.random.id(16)}`;
  const { sampleTypes = {} } = context;
  const facts = { ...run, requestId, redact: redactorOf(context), sampleTypes };
  return isSocketCheck(check) ? converse(check, run, facts, context) : ask(check, facts, context);
}

const redactors = new WeakMap<readonly string[], Redactor>();

// Made once for all runs: it holds every form in which a secret may be written.
function redactorOf({ secrets }: SamplingContext): Redactor {
  const redact = redactors.get(secrets) ?? redactor(secrets);
  redactors.set(secrets, redact);
  return redact;
}

async function ask(check: HttpCheck, facts: RunFacts, context: SamplingContext): Promise<Evaluation> {
  const { http, target, signal } = context;
  const base = baseOf(check, target);
  if (base === undefined) return notRun(check, facts, noAddressOf(check), { noAddress: true });
  return evaluateHttp(
    check,
    await http.ask(httpRequest(check, base, facts.requestId, target), signal),
    facts,
  );
}

function noAddressOf({ request }: HttpCheck): string {
  const proxy = askedInstead(request) ?? '';
  return `not measured: no address of ${proxy} is known; \`direct\` of proxies.${proxy} in siaga.config.ts gives one`;
}

function baseOf({ request }: HttpCheck, target: AskedTarget): string | undefined {
  const [direct, through] = [directOf(request), request.through];
  if (direct !== undefined) return target.resolveDirect?.(direct);
  return through === undefined ? target.url : target.resolveThrough?.(through);
}

/** What is said of a check that was held back: what it said before stands. */
export function notAsked(check: AnyCheck, run: Run, context: SamplingContext): Evaluation {
  const facts = { ...run, requestId: '', redact: redactorOf(context) };
  const doubt = `not asked: it has run ${check.maxPerHour} times in the last hour, as often as maxPerHour allows`;
  const stands = context.hourly?.lastAnswer(check);
  return notRun(check, facts, doubt, { notAsked: true, ...(stands && { stands }) });
}

function notRun(check: AnyCheck, facts: RunFacts, doubt: string, why: Partial<CheckFinished>): Evaluation {
  const finished = { durationMs: 0, ...why };
  return conclude(check, facts, { violations: [], answers: [], feeds: [], loopLagMs: 0, doubt, finished });
}

function httpRequest(
  { request, response, sideEffects = 'none' }: HttpCheck,
  base: string,
  requestId: string,
  target: AskedTarget,
): HttpRequest {
  const { method = 'GET', path, body, timeout } = request;
  // Who we are to the target is no business of another system.
  const identity = askedInstead(request) === undefined ? target.identity?.probe : undefined;
  return {
    method,
    url: join(base, path),
    headers: {
      accept: 'application/json, */*;q=0.5',
      'accept-encoding': 'identity',
      'user-agent': 'siaga',
      'x-request-id': requestId,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...lowerCase(identity),
      ...lowerCase(request.headers),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    timeoutMs: toMs(timeout),
    maxBytes: response.maxBytes ?? defaultMaxBytes,
    ...(target.ca !== undefined && { ca: target.ca }),
    repeatable: sideEffects === 'none',
  };
}

async function converse(
  check: WebSocketCheck,
  { connection }: Run,
  facts: RunFacts,
  context: SamplingContext,
): Promise<Evaluation> {
  const { path, headers, send, correlate = 'id', count = 1, timeout } = check.socket;
  const { socket, target, random, signal } = context;
  const messages = Array.from({ length: count }, (_, index) => {
    const id = index === 0 ? facts.requestId : `siaga-${random.id(16)}`;
    return { id, text: JSON.stringify(send, (_key, value: unknown) => fill(value, id)) };
  });
  const request = {
    lane: connection,
    url: join(target.url, path).replace(/^http/, 'ws'),
    headers: {
      'user-agent': 'siaga',
      'x-request-id': facts.requestId,
      ...lowerCase(target.identity?.probe),
      ...lowerCase(headers),
    },
    messages,
    correlate,
    timeoutMs: toMs(timeout),
    ...(target.ca !== undefined && { ca: target.ca }),
  };
  return evaluateSocket(check, await socket.converse(request, signal), facts);
}

function fill(value: unknown, id: string): unknown {
  return typeof value === 'string' ? value.replaceAll('{{id}}', id) : value;
}

function lowerCase(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

// A base URL may have a path of its own, which `new URL(path, base)` would lose.
function join(base: string, path: string): string {
  return base.replace(/\/+$/, '') + (path.startsWith('/') ? path : `/${path}`);
}

/** Probes in flight at once. */
export const concurrency = 256;

/**
 * Runs each check once, side by side, and writes `check.finished` and `samples`; the target's metrics, where they are
 * given, are read before and after, the project's own sources meanwhile. In the order of the checks; one whose `maxPerHour` is used up is inconclusive.
 * Rejects with the signal's reason where it was interrupted; what had finished by then is written.
 */
export async function runRound(
  checks: readonly AnyCheck[],
  context: SamplingContext,
  metrics?: MetricsReader,
  own: readonly SourceReader[] = [],
): Promise<CheckFinished[]> {
  const { target, signal } = context;
  const recorder = createRecorder(context, 'every');
  const slots = new Slots(concurrency);
  const once = async (check: AnyCheck) => {
    const lane = laneOf(target, check);
    const run = { lane, connection: `${lane}/round`, latenessMs: 0 };
    const free = (await context.hourly?.mayRun(check)) ?? true;
    const evaluation = free ? await observe(check, run, context) : notAsked(check, run, context);
    signal.throwIfAborted();
    return recorder.finished(evaluation);
  };
  try {
    await metrics?.look(recorder, context);
    const sources = Promise.all(own.map((reader) => reader.look(recorder, context)));
    const round = await Promise.all(checks.map((check) => slots.run(() => once(check))));
    await sources;
    await metrics?.look(recorder, context);
    return round;
  } finally {
    recorder.drain();
  }
}
