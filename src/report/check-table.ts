import type { CheckFinished } from '../event/catalogue.ts';
import { formatMs } from '../kernel/duration.ts';
import type { CheckJudged } from '../event/round.ts';
import { type Outcome, violationWords } from '../kernel/outcome.ts';
import { zoneLabel, zoneTime } from './when.ts';

const order: readonly Outcome[] = ['failed', 'inconclusive', 'passed'];
const marks: Readonly<Record<Outcome, string>> = { failed: 'FAILED', inconclusive: 'UNKNOWN', passed: 'ok' };

/** Paints a text by outcome; the identity where there are no colours. */
export type Paint = (outcome: Outcome, text: string) => string;

const plain: Paint = (_outcome, text) => text;

/** How a round judged its checks over all of their answers. */
export interface Judgement {
  readonly judged: readonly CheckJudged[];
  /** IANA zone for times. */
  readonly zone: string;
}

export interface CheckTableOptions {
  readonly paint?: Paint;
  /** Show what failed answers said. Default true. */
  readonly bodies?: boolean;
  /** Default: each check by the answer that is given. */
  readonly judgement?: Judgement;
}

/**
 * A round for a person at night: what failed comes first, each with what is expected, what was got, what the answer
 * said, and the request id to look for in the logs; then what could not be judged; what is well takes a line each. Ends
 * with a line of counts.
 */
export function renderChecks(
  round: readonly CheckFinished[],
  { paint = plain, bodies = true, judgement = { judged: [], zone: 'UTC' } }: CheckTableOptions = {},
): string {
  const judged = new Map(judgement.judged.map((check) => [check.check, check]));
  const all = round.map((check) => ({
    check,
    outcome: judged.get(check.check)?.outcome ?? check.outcome,
    notes: notesOf(judged.get(check.check), judgement.zone),
  }));
  const rows = order.flatMap((outcome) => all.filter((row) => row.outcome === outcome));
  const width = Math.max(0, ...rows.map(({ check }) => check.check.length));
  return [...rows.flatMap((row) => linesOf(row, width, { paint, bodies })), '', countLine(all)].join('\n');
}

interface Row {
  readonly check: CheckFinished;
  readonly outcome: Outcome;
  readonly notes: readonly string[];
}

function notesOf(judged: CheckJudged | undefined, zone: string): readonly string[] {
  if (judged === undefined) return [];
  const { standsSince, failedAt, failed, answers, passedSince = 0 } = judged;
  if (standsSince !== undefined)
    return [`         as it was at ${timeIn(standsSince, zone)}: not asked again, for its maxPerHour`];
  if (failedAt === undefined || answers < 2) return [];
  const often = failed === 1 ? 'failed once' : `failed ${failed} of ${answers} times, first`;
  const since = passedSince === 0 ? '' : `, then ${passedSince} of ${passedSince} passed`;
  return [`         ${often} at ${timeIn(failedAt, zone)}${since}`];
}

/** `02:14:03 WIB`. */
export const timeIn = (at: number, zone: string): string => `${zoneTime(at, zone)} ${zoneLabel(at, zone)}`;

function linesOf(
  { check, outcome, notes }: Row,
  width: number,
  { paint, bodies }: { readonly paint: Paint; readonly bodies: boolean },
): string[] {
  const { endpoint = '', durationMs, status, stands } = check;
  const facts = [endpoint, ...(status === undefined ? [] : [String(status)]), formatMs(durationMs)];
  const cells = stands === undefined ? facts : [endpoint];
  const head = `${paint(outcome, marks[outcome].padEnd(7))}  ${check.check.padEnd(width)}  ${cells.join('  ')}`;
  if (outcome === 'passed') return [head, ...notes];
  const why = outcome === 'failed' ? failedLines(stands ?? check, bodies) : reasonLines(check);
  return [head, ...why, ...requestLine(stands ?? check), ...notes];
}

function failedLines(
  { violations, excerpt }: Pick<CheckFinished, 'violations' | 'excerpt'>,
  bodies: boolean,
): string[] {
  const lines = violations.map((violation) => `         ${violationWords(violation)}`);
  return bodies && excerpt !== undefined ? [...lines, `         it said  ${clean(excerpt)}`] : lines;
}

// Whoever wrote the event: a terminal is driven by nobody but us.
const clean = (text: string): string => text.replaceAll(/\p{C}/gu, '');

function reasonLines({ reason = 'no reason was given' }: CheckFinished): string[] {
  return [`         says nothing about the target: ${reason}`];
}

function requestLine({ requestId }: Pick<CheckFinished, 'requestId'>): string[] {
  return requestId === undefined ? [] : [`         request  ${requestId}`];
}

function countLine(round: readonly Row[]): string {
  const count = (outcome: Outcome) => round.filter((row) => row.outcome === outcome).length;
  return `${count('passed')} passed, ${count('failed')} failed, ${count('inconclusive')} inconclusive`;
}
