import { toMs } from '../kernel/to-ms.ts';
import { askedInstead, type HttpCheck } from './definition.ts';
import type { Feed } from './feed.ts';
import type { HttpExchange } from './ports.ts';

// What asks a dependency asks another system: its figures are not the target's.
function counted({ counted: wanted = true, request }: HttpCheck, feeds: readonly Feed[]): readonly Feed[] {
  return wanted && askedInstead(request) === undefined ? feeds : [];
}

export function answerFeeds(
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
export function timeoutFeeds(check: HttpCheck): readonly Feed[] {
  const value = toMs(check.request.timeout);
  return counted(check, [{ role: 'latency', kind: 'value', value }, ...noAnswer]);
}

const noAnswer: readonly Feed[] = [{ role: 'errors', kind: 'ratio', bad: true }];

/** No answer at all: an error, and without a time. */
export function noAnswerFeeds(check: HttpCheck): readonly Feed[] {
  return counted(check, noAnswer);
}

export function throttledFeeds(check: HttpCheck): readonly Feed[] {
  return counted(check, [
    { role: 'errors', kind: 'throttled' },
    { role: 'serverErrors', kind: 'throttled' },
  ]);
}
