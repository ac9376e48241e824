import * as rules from './rules.ts';
import { askedInstead, type HttpCheck, type Answer } from './definition.ts';
import { toMs } from '../kernel/to-ms.ts';
import type { CheckFinished } from '../event/catalogue.ts';
import { type Assessment, conclude, type Evaluation, type RunFacts } from './conclude.ts';
import { blameOf } from './failure.ts';
import type { HttpExchange, Answered } from './ports.ts';
import { brokenViolation, timeoutViolation } from './unanswered.ts';
import type { Violation } from '../kernel/outcome.ts';
import { applySchema, decode, parseJson, type Reading, unusable } from './reading.ts';
import { keptHeaders, requestIdOf } from './response.ts';
import type { Feed } from './feed.ts';

/** Judges one HTTP exchange. Pure, but for a schema that is asynchronous itself. */
export async function evaluateHttp(
  check: HttpCheck,
  exchange: HttpExchange,
  run: RunFacts,
): Promise<Evaluation> {
  return conclude(check, run, await assess(check, exchange, run));
}

const asksTarget = ({ request }: HttpCheck): boolean => askedInstead(request) === undefined;

function noConnection({
  code,
  waitingFor,
}: Extract<HttpExchange, { kind: 'broken' }>): Pick<CheckFinished, 'noConnection'> {
  if (code === 'ECONNREFUSED') return { noConnection: 'refused' };
  return waitingFor === 'tls' || blameOf(code) === 'certificate' ? { noConnection: 'handshake' } : {};
}

function wasSent(exchange: Exclude<HttpExchange, { kind: 'answered' }>): boolean {
  return exchange.kind === 'interrupted' || ['processing', 'transfer'].includes(exchange.waitingFor);
}

async function assess(check: HttpCheck, exchange: HttpExchange, run: RunFacts): Promise<Assessment> {
  if (exchange.kind === 'answered') return assessAnswer(check, exchange, run);
  const { durationMs, phases, loopLagMs } = exchange;
  const finished = { durationMs, phases, ...(wasSent(exchange) && { requestId: run.requestId }) };
  const none = { violations: [], answers: [], feeds: [], finished, loopLagMs };
  if (exchange.kind === 'interrupted') return { ...none, doubt: 'interrupted' };
  const timeoutMs = toMs(check.request.timeout);
  if (exchange.kind === 'timed-out') {
    const violations = [timeoutViolation(timeoutMs, exchange.waitingFor)];
    return {
      ...none,
      violations,
      feeds: timeoutFeeds(check),
      finished: { ...finished, noAnswer: true, timedOut: true },
    };
  }
  const { code, message } = exchange;
  if (blameOf(code) === 'ours')
    return { ...none, doubt: `the request could not be made from here: ${message} (${code})` };
  const way = asksTarget(check) ? noConnection(exchange) : {};
  const violations = [brokenViolation(exchange, timeoutMs)];
  return {
    ...none,
    violations,
    feeds: noAnswerFeeds(check),
    finished: { ...finished, noAnswer: true, ...way },
  };
}

type AnsweredExchange = Extract<HttpExchange, { kind: 'answered' }>;

/** What an answer says, whatever it is. */
async function assessAnswer(
  check: HttpCheck,
  exchange: AnsweredExchange,
  run: RunFacts,
): Promise<Assessment> {
  const { status, durationMs, loopLagMs } = exchange;
  const text = decode(exchange);
  const finished = tell(check, exchange, typeof text === 'string' ? text : undefined, run);
  const expected = rules.statusesOf(check.response).includes(status);
  if (status === 429 && !expected) {
    const feeds = throttledFeeds(check);
    const doubt = 'our own request budget ran out (429)';
    return {
      violations: [],
      answers: [],
      feeds,
      doubt,
      loopLagMs,
      finished: { ...finished, throttled: true },
    };
  }
  const reading = expected
    ? await read(check, exchange, text)
    : unusable(...rules.statusViolations(check.response, exchange));
  const answers: Answer<unknown>[] =
    reading.kind === 'usable' ? [{ body: reading.body, status, headers: exchange.headers, durationMs }] : [];
  return {
    violations: violationsOf(check, exchange, expected, reading, answers),
    answers,
    feeds: answerFeeds(check, exchange, expected),
    loopLagMs,
    text: typeof text === 'string' ? text : undefined,
    finished,
  };
}

// Of an answer with another status only the status is news: it rarely keeps to the rest.
function violationsOf(
  { response, invariants }: HttpCheck,
  exchange: AnsweredExchange,
  expected: boolean,
  reading: Reading,
  answers: readonly Answer<unknown>[],
): rules.Found[] {
  return [
    ...(expected && !isBare(exchange) ? rules.contentTypeViolations(response, exchange) : []),
    ...(expected ? rules.headerViolations(response, exchange) : []),
    ...(reading.kind === 'usable' ? [] : reading.violations),
    ...answers.flatMap((answer) => rules.invariantViolations(invariants, answer)),
    ...rules.durationViolations(response.within, exchange.durationMs),
  ];
}

// Without a body there is nothing to have a type.
const isBare = ({ status }: Pick<Answered, 'status'>): boolean => status === 204 || status === 304;

// RFC 9110: an answer to HEAD, and 204 and 304, have none.
function hasNoBody({ request }: HttpCheck, status: number): boolean {
  return request.method === 'HEAD' || isBare({ status });
}

async function read(check: HttpCheck, exchange: Answered, text: string | Violation): Promise<Reading> {
  const { response } = check;
  if (hasNoBody(check, exchange.status)) return { kind: 'usable', body: undefined };
  if (exchange.cut) return unusable(rules.sizeViolation(exchange));
  const { body: schema, contentType } = response;
  if (schema === undefined && !isJson(contentType)) return { kind: 'usable', body: leniently(text) };
  if (typeof text !== 'string') return unusable(text);
  const parsed = parseJson(text);
  return parsed.kind === 'usable' && schema !== undefined ? applySchema(schema, parsed.body) : parsed;
}

function isJson(contentType: string | undefined): boolean {
  return /^application\/(.+\+)?json\b/i.test(contentType ?? '');
}

/** Where nothing is demanded of a body: its JSON, else its text, else nothing. */
function leniently(text: string | Violation): unknown {
  if (typeof text !== 'string') return undefined;
  const parsed = parseJson(text);
  return parsed.kind === 'usable' ? parsed.body : text;
}

function tell(
  { keepBody }: HttpCheck,
  exchange: AnsweredExchange,
  text: string | undefined,
  { redact, requestId }: RunFacts,
): Assessment['finished'] {
  return {
    durationMs: exchange.durationMs,
    phases: exchange.phases,
    status: exchange.status,
    requestId: redact.line(requestIdOf(exchange.headers, leniently(text ?? '')) ?? requestId),
    bodyHash: exchange.sha256.slice(0, 16),
    headers: keptHeaders(exchange.headers, redact),
    ...(keepBody === true && text !== undefined && { body: redact.body(text) }),
  };
}

// What asks a dependency asks another system: its figures are not the target's.
function counted({ counted: wanted = true, request }: HttpCheck, feeds: readonly Feed[]): readonly Feed[] {
  return wanted && askedInstead(request) === undefined ? feeds : [];
}

function answerFeeds(
  check: HttpCheck,
  { status, durationMs }: Extract<HttpExchange, { kind: 'answered' }>,
  expected: boolean,
): readonly Feed[] {
  return counted(check, [
    { role: 'latency', kind: 'value', value: durationMs },
    { role: 'errors', kind: 'ratio', bad: status >= 400 && !expected },
    { role: 'serverErrors', kind: 'ratio', bad: status >= 500 && !expected },
  ]);
}

/** A slow failure must not flatter the percentile: it took at least its timeout. */
function timeoutFeeds(check: HttpCheck): readonly Feed[] {
  const value = toMs(check.request.timeout);
  return counted(check, [{ role: 'latency', kind: 'value', value }, ...noAnswer]);
}

const noAnswer: readonly Feed[] = [{ role: 'errors', kind: 'ratio', bad: true }];

/** No answer at all: an error, and without a time. */
function noAnswerFeeds(check: HttpCheck): readonly Feed[] {
  return counted(check, noAnswer);
}

function throttledFeeds(check: HttpCheck): readonly Feed[] {
  return counted(check, [
    { role: 'errors', kind: 'throttled' },
    { role: 'serverErrors', kind: 'throttled' },
  ]);
}
