import type { CheckFinished } from '../event/catalogue.ts';
import { formatMs } from '../kernel/duration.ts';
import { type Outcome, violationWords } from '../kernel/outcome.ts';

const order: readonly Outcome[] = ['failed', 'inconclusive', 'passed'];
const marks: Readonly<Record<Outcome, string>> = { failed: 'FAILED', inconclusive: 'UNKNOWN', passed: 'ok' };

/** Paints a text by outcome; the identity where there are no colours. */
export type Paint = (outcome: Outcome, text: string) => string;

const plain: Paint = (_outcome, text) => text;

export interface CheckTableOptions {
  readonly paint?: Paint;
  /** Show what failed answers said. Default true. */
  readonly bodies?: boolean;
}

/**
 * A round for a person at night: what failed comes first, each with what is expected, what was got, what the answer
 * said, and the request id to look for in the logs; then what could not be told; what is well takes a line each. Ends
 * with a line of counts.
 */
export function renderChecks(
  round: readonly CheckFinished[],
  { paint = plain, bodies = true }: CheckTableOptions = {},
): string {
  const rows = order.flatMap((outcome) => round.filter((check) => check.outcome === outcome));
  const width = Math.max(0, ...rows.map(({ check }) => check.length));
  return [...rows.flatMap((check) => linesOf(check, width, { paint, bodies })), '', countLine(round)].join(
    '\n',
  );
}

function linesOf(
  check: CheckFinished,
  width: number,
  { paint, bodies }: Required<CheckTableOptions>,
): string[] {
  const { outcome, endpoint = '', durationMs, status } = check;
  const facts = [endpoint, ...(status === undefined ? [] : [String(status)]), formatMs(durationMs)];
  const head = `${paint(outcome, marks[outcome].padEnd(7))}  ${check.check.padEnd(width)}  ${facts.join('  ')}`;
  if (outcome === 'passed') return [head];
  const why = outcome === 'failed' ? failedLines(check, bodies) : reasonLines(check);
  return [head, ...why, ...requestLine(check)];
}

function failedLines({ violations, excerpt }: CheckFinished, bodies: boolean): string[] {
  const lines = violations.map((violation) => `         ${violationWords(violation)}`);
  return bodies && excerpt !== undefined ? [...lines, `         it said  ${clean(excerpt)}`] : lines;
}

// Whoever wrote the event: a terminal is driven by nobody but us.
const clean = (text: string): string => text.replaceAll(/\p{C}/gu, '');

function reasonLines({ reason = 'no reason was told' }: CheckFinished): string[] {
  return [`         says nothing about the target: ${reason}`];
}

function requestLine({ requestId }: CheckFinished): string[] {
  return requestId === undefined ? [] : [`         request  ${requestId}`];
}

function countLine(round: readonly CheckFinished[]): string {
  const count = (outcome: Outcome) => round.filter((check) => check.outcome === outcome).length;
  return `${count('passed')} passed, ${count('failed')} failed, ${count('inconclusive')} inconclusive`;
}
