import type { CheckFinished } from '../event/catalogue.ts';
import { formatMs } from '../kernel/duration.ts';
import type { Outcome, Violation } from '../kernel/outcome.ts';
import { redacted } from '../kernel/redact.ts';
import { type AnyCheck, type Answer, endpointOf, isSocketCheck, askedInstead } from './definition.ts';
import { excerpt, isSensitive, masked } from './excerpt.ts';
import { derive, derivedNothing } from './derive.ts';
import type { Feed, SampleType } from './feed.ts';
import { type Found, slow } from './rules.ts';
import type { Redactor } from './text.ts';

/** Budgets of the prober itself. Past them a result says something about us, and nothing about the target. */
export const proberBudget = { loopLagMs: 200, latenessMs: 5_000 } as const;

/** What the sampler knows of a run. */
export interface RunFacts {
  readonly lane: string;
  /** How much later than planned it began, for our reasons. */
  readonly latenessMs: number;
  /** The X-Request-Id that was sent. */
  readonly requestId: string;
  readonly redact: Redactor;
  /** What the samples of each signal must be. One that is not named takes numbers and booleans. */
  readonly sampleTypes?: Readonly<Record<string, SampleType>>;
}

/** What an exchange came to. */
export interface Assessment {
  readonly violations: readonly Found[];
  /** Why it says nothing about the target. */
  readonly doubt?: string | undefined;
  /** Usable answers, in order. */
  readonly answers: readonly Answer<unknown>[];
  /** What the wire itself tells: latency and errors. */
  readonly feeds: readonly Feed[];
  readonly loopLagMs: number;
  /** The body that was judged, or one of those that failed. */
  readonly text?: string | undefined;
  readonly finished: Pick<CheckFinished, 'durationMs'> & Partial<CheckFinished>;
}

/** A finished observation: the event to write, and the samples it feeds. */
export interface Evaluation {
  readonly finished: CheckFinished;
  readonly feeds: readonly Feed[];
}

/**
 * Brings an assessment to its outcome. Doubt outranks everything: what is in doubt fails nobody and feeds nothing. Our
 * own lateness spoils times alone: what else is wrong has failed, and what else is well is inconclusive.
 */
export function conclude(check: AnyCheck, run: RunFacts, assessment: Assessment): Evaluation {
  const { doubt, answers, finished } = assessment;
  const late = doubt === undefined ? proberDoubt(run, assessment) : undefined;
  const isLate = late !== undefined;
  const unanswered = doubt !== undefined || (isLate && finished.timedOut === true);
  const derived = unanswered ? derivedNothing : derive(check, answers, run.sampleTypes ?? {}, isLate);
  const found: readonly Found[] = [...assessment.violations, ...derived.violations];
  const violations = found.filter(({ ofTime }) => !isLate || ofTime !== true).map(clean(run.redact));
  const outcome = outcomeOf(violations, doubt, isLate);
  const reason = outcome === 'inconclusive' ? (doubt ?? late) : undefined;
  return {
    finished: {
      check: check.name,
      title: check.title ?? check.name,
      tags: check.tags,
      endpoint: endpointOf(check),
      ...dependencyOf(check),
      ...(isLate ? withoutTimeout(finished) : finished),
      ...(outcome === 'failed' && excerptOf(assessment.text, run.redact)),
      outcome,
      violations,
      ...(reason !== undefined && { reason: run.redact.line(reason) }),
      ...(isLate && { late: true }),
      ...(isSlowOnly(violations) && { slowOnly: true }),
      latenessMs: Math.round(run.latenessMs),
      loopLagMs: assessment.loopLagMs,
      lane: run.lane,
      ...(derived.unreported.length > 0 && { untold: derived.unreported }),
      states: outcome === 'inconclusive' ? {} : cleanStates(derived.states, run.redact),
    },
    feeds: [...assessment.feeds, ...derived.feeds].filter(feeds(unanswered, isLate)),
  };
}

function excerptOf(text: string | undefined, redact: Redactor): Pick<CheckFinished, 'excerpt'> {
  const said = redact.excerpt(excerpt(text ?? ''));
  return said === '' ? {} : { excerpt: said };
}

const isSlowOnly = (violations: readonly Violation[]): boolean =>
  violations.length > 0 && violations.every(({ path, rule }) => path === slow.path && rule === slow.rule);

function dependencyOf(check: AnyCheck): Pick<CheckFinished, 'dependency'> {
  const dependency = isSocketCheck(check) ? undefined : askedInstead(check.request);
  return dependency === undefined ? {} : { dependency };
}

function outcomeOf(violations: readonly Violation[], doubt: string | undefined, isLate: boolean): Outcome {
  if (doubt !== undefined) return 'inconclusive';
  if (violations.length > 0) return 'failed';
  return isLate ? 'inconclusive' : 'passed';
}

// Whether the target would have answered in time is not known.
function withoutTimeout({ timedOut, noAnswer, ...finished }: Assessment['finished']): Assessment['finished'] {
  return timedOut === true || noAnswer === undefined ? finished : { ...finished, noAnswer };
}

const feeds =
  (unanswered: boolean, isLate: boolean) =>
  ({ kind }: Feed): boolean =>
    kind === 'throttled' || (!unanswered && !(isLate && kind === 'value'));

function proberDoubt({ latenessMs }: RunFacts, { loopLagMs }: Assessment): string | undefined {
  if (loopLagMs > proberBudget.loopLagMs) {
    return `this process stood still for ${formatMs(loopLagMs)} meanwhile (at most ${formatMs(proberBudget.loopLagMs)})`;
  }
  if (latenessMs <= proberBudget.latenessMs) return undefined;
  return `it began ${formatMs(latenessMs)} late (at most ${formatMs(proberBudget.latenessMs)})`;
}

function clean(redact: Redactor): (violation: Violation) => Violation {
  return ({ path, rule, got, allowed }) => ({
    path: redact.line(path),
    rule,
    got: redact.line(isSensitive(path) && got.startsWith('"') ? redacted : masked(got)),
    allowed: redact.line(allowed),
  });
}

function cleanStates(states: CheckFinished['states'], redact: Redactor): CheckFinished['states'] {
  const entries = Object.entries(states).map(([name, value]) => [
    name,
    typeof value === 'string' ? redact.line(value) : value,
  ]);
  return Object.fromEntries(entries) as CheckFinished['states'];
}
