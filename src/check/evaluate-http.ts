import { askedInstead, type HttpCheck } from './definition.ts';
import { toMs } from '../kernel/to-ms.ts';
import type { CheckFinished } from '../event/catalogue.ts';
import { assessAnswer } from './assess-answer.ts';
import { type Assessment, conclude, type Evaluation, type RunFacts } from './conclude.ts';
import { blameOf } from './failure.ts';
import type { HttpExchange } from './ports.ts';
import { brokenViolation, timeoutViolation } from './unanswered.ts';
import { noAnswerFeeds, timeoutFeeds } from './wire.ts';

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
