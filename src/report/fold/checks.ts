import { asked, ended, type CheckFacts } from '../../projection/checks.ts';
import { percentile } from '../../signal/percentile.ts';
import type { CheckReport } from '../model.ts';

/** A check with how often it ran and how it ended. */
export function checkReport({ check, answers, judged }: CheckFacts): CheckReport {
  const { title, endpoint, outcome: last } = (answers.at(-1) ?? answers[0]).data;
  return {
    check,
    title,
    endpoint,
    n: asked(answers),
    passed: ended(answers, 'passed'),
    failed: ended(answers, 'failed'),
    inconclusive: ended(answers, 'inconclusive'),
    last,
    p95: percentile(Float64Array.from(answers.map(({ data }) => data.durationMs)).toSorted(), 95),
    evidence: answers.map(({ seq }) => seq),
    ...(judged && { judged: judged.outcome }),
  };
}
