import type { CheckFinished } from '../event/catalogue.ts';
import type { EventOf, SiagaEvent } from '../event/envelope.ts';
import type { FailedAnswers } from '../event/history.ts';
import { groupBy, ofType, type Span } from './pick.ts';

type Answer = EventOf<'check.finished'>;
type Batch = EventOf<'samples'>;

/** Failed answers to the checks of an endpoint, each written one by one. */
export interface AnswerRow extends FailedAnswers {
  readonly evidence: readonly number[];
}

/**
 * Answers to checks that failed in a time, by endpoint. A request that failed counts only where none of `counted` holds it:
 * a batch that is counted, or that one of our own restarts touches.
 */
export function failedAnswers(
  events: readonly SiagaEvent[],
  span: Span,
  counted: readonly Batch[],
): readonly AnswerRow[] {
  const own = ofType(events, 'check.finished').filter(
    ({ at, data }) => data.outcome === 'failed' && isOfTarget(data) && at >= span.from && at <= span.to,
  );
  return [...groupBy(own, ({ data }) => data.endpoint ?? '')].flatMap(([endpoint, answers]) => {
    const wrong = answers.filter(({ data }) => !isFailedRequest(data));
    const errors = answers.filter(
      (answer) => isFailedRequest(answer.data) && !counted.some((batch) => holds(batch, answer)),
    );
    const evidence = [...errors, ...wrong].map(({ seq }) => seq);
    return evidence.length === 0 ? [] : [{ endpoint, errors: errors.length, wrong: wrong.length, evidence }];
  });
}

// What asks a dependency asks another system.
const isOfTarget = ({ endpoint, dependency }: CheckFinished): boolean =>
  endpoint !== undefined && dependency === undefined;

/** No answer, or one whose status is an error and not expected. */
function isFailedRequest({
  noAnswer,
  timedOut,
  noConnection,
  status = 0,
  violations,
}: CheckFinished): boolean {
  if (noAnswer === true || timedOut === true || noConnection !== undefined) return true;
  return status >= 400 && violations.some(({ path }) => path === 'status');
}

function holds({ run, data }: Batch, answer: Answer): boolean {
  const { labels, source, from, to } = data;
  const same = run === answer.run && source === 'probe' && labels['endpoint'] === answer.data.endpoint;
  return same && from <= answer.at && answer.at < to;
}

/** Several lists of them as one. */
export function sumAnswers(rows: readonly AnswerRow[]): readonly AnswerRow[] {
  return [...groupBy(rows, ({ endpoint }) => endpoint)].map(([endpoint, own]) => ({
    endpoint,
    errors: own.reduce((sum, { errors }) => sum + errors, 0),
    wrong: own.reduce((sum, { wrong }) => sum + wrong, 0),
    evidence: own.flatMap(({ evidence }) => evidence),
  }));
}
