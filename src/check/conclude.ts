import type { CheckFinished } from '../event/catalogue.ts';
import { formatMs } from '../kernel/duration.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Violation } from '../kernel/outcome.ts';
import { redacted } from '../kernel/redact.ts';
import { type AnyCheck, type Answer, endpointOf, isSocketCheck } from './definition.ts';
import { excerpt, isSensitive, masked } from './excerpt.ts';
import { type Feed, feedsOf } from './feed.ts';
import { slow } from './rules.ts';
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
}

/** What an exchange came to. */
export interface Assessment {
  readonly violations: readonly Violation[];
  /** Why it says nothing about the target. */
  readonly doubt?: string | undefined;
  /** Usable answers, in order. */
  readonly answers: readonly Answer<unknown>[];
  /** What the wire itself tells: latency and errors. */
  readonly feeds: readonly Feed[];
  readonly loopLagMs: number;
  /** The body that was judged, or one of those that failed. */
  readonly text?: string | undefined;
  readonly told: Pick<CheckFinished, 'durationMs'> & Partial<CheckFinished>;
}

/** A finished observation: the event to write, and the samples it feeds. */
export interface Evaluation {
  readonly finished: CheckFinished;
  readonly feeds: readonly Feed[];
}

/** Brings an assessment to its outcome. Doubt outranks everything: what is in doubt fails nobody and feeds nothing. */
export function conclude(check: AnyCheck, run: RunFacts, assessment: Assessment): Evaluation {
  const late = assessment.doubt === undefined ? proberDoubt(run, assessment) : undefined;
  const doubt = assessment.doubt ?? late;
  const derived = doubt === undefined ? derive(check, assessment.answers) : nothing;
  const violations = [...assessment.violations, ...derived.violations].map(clean(run.redact));
  const outcome = doubt === undefined ? (violations.length > 0 ? 'failed' : 'passed') : 'inconclusive';
  return {
    finished: {
      check: check.name,
      title: check.title ?? check.name,
      tags: check.tags,
      endpoint: endpointOf(check),
      ...dependencyOf(check),
      ...assessment.told,
      ...(outcome === 'failed' && excerptOf(assessment.text, run.redact)),
      outcome,
      violations,
      ...(doubt !== undefined && { reason: run.redact.line(doubt) }),
      ...(late !== undefined && { late: true }),
      ...(isSlowOnly(violations) && { slowOnly: true }),
      latenessMs: Math.round(run.latenessMs),
      loopLagMs: assessment.loopLagMs,
      lane: run.lane,
      states: cleanStates(derived.states, run.redact),
    },
    feeds: feedsFor(doubt, assessment.feeds, derived.feeds),
  };
}

function excerptOf(text: string | undefined, redact: Redactor): Pick<CheckFinished, 'excerpt'> {
  const said = redact.excerpt(excerpt(text ?? ''));
  return said === '' ? {} : { excerpt: said };
}

const isSlowOnly = (violations: readonly Violation[]): boolean =>
  violations.length > 0 && violations.every(({ path, rule }) => path === slow.path && rule === slow.rule);

function dependencyOf(check: AnyCheck): Pick<CheckFinished, 'dependency'> {
  const dependency = isSocketCheck(check) ? undefined : (check.request.past ?? check.request.through);
  return dependency === undefined ? {} : { dependency };
}

function feedsFor(doubt: string | undefined, wire: readonly Feed[], derived: readonly Feed[]): Feed[] {
  return doubt === undefined ? [...wire, ...derived] : wire.filter(({ kind }) => kind === 'throttled');
}

function proberDoubt({ latenessMs }: RunFacts, { loopLagMs }: Assessment): string | undefined {
  if (loopLagMs > proberBudget.loopLagMs) {
    return `this process stood still for ${formatMs(loopLagMs)} meanwhile (at most ${formatMs(proberBudget.loopLagMs)})`;
  }
  if (latenessMs <= proberBudget.latenessMs) return undefined;
  return `it began ${formatMs(latenessMs)} late (at most ${formatMs(proberBudget.latenessMs)})`;
}

interface Derived {
  readonly feeds: readonly Feed[];
  readonly states: CheckFinished['states'];
  readonly violations: readonly Violation[];
}

const nothing: Derived = { feeds: [], states: {}, violations: [] };

/** Samples and states as the definition computes them from answers, or says for the lack of any. */
function derive(
  { samples = {}, states = {}, unanswered }: AnyCheck,
  answers: readonly Answer<unknown>[],
): Derived {
  if (answers.length === 0) {
    const feeds = Object.entries(unanswered?.samples ?? {}).flatMap(([name, value]) => feedsOf(name, value));
    return { feeds, states: unanswered?.states ?? {}, violations: [] };
  }
  const violations: Violation[] = [];
  const compute = <T>(
    path: string,
    how: (answer: Answer<never>) => T,
    answer: Answer<unknown>,
  ): T | undefined => {
    try {
      return how(answer as Answer<never>);
    } catch (error) {
      violations.push({ path, rule: 'it can be computed', got: messageOf(error), allowed: 'a value' });
      return undefined;
    }
  };
  const feeds = answers.flatMap((answer) =>
    Object.entries(samples).flatMap(([name, how]) => feedsOf(name, compute(`samples.${name}`, how, answer))),
  );
  const told = answers
    .slice(-1)
    .flatMap((answer) =>
      Object.entries(states).map(([name, how]) => [name, compute(`states.${name}`, how, answer)] as const),
    );
  return {
    feeds,
    states: Object.fromEntries(told.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
    violations,
  };
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
