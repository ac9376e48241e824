import type { EventOf, SiagaEvent } from '../event/envelope.ts';
import type { CheckJudged } from '../event/round.ts';
import type { Outcome } from '../kernel/outcome.ts';
import { groupBy, ofType } from './pick.ts';

export type Answer = EventOf<'check.finished'>;

/** A check with all of its answers, in order. */
export interface CheckFacts {
  readonly check: string;
  readonly answers: readonly [Answer, ...Answer[]];
  /** Those while no experiment ran: during one a failing check is data, and the experiment's expectations judge it. */
  readonly undisturbed: readonly Answer[];
  /** How it was judged over all of its answers in the last round; absent where it was asked again after it. */
  readonly judged?: CheckJudged;
}

/** Checks in the order in which they were first asked. */
export function foldChecks(events: readonly SiagaEvent[]): readonly CheckFacts[] {
  const disturbed = answersInExperiments(events);
  const round = ofType(events, 'round.measured').at(-1);
  const checks = groupBy(ofType(events, 'check.finished'), ({ data }) => data.check);
  return [...checks].flatMap(([check, [first, ...others]]): readonly CheckFacts[] => {
    if (first === undefined) return [];
    const answers = [first, ...others] as const;
    const undisturbed = answers.filter(({ seq }) => !disturbed.has(seq));
    const again = (undisturbed.at(-1)?.seq ?? 0) > (round?.seq ?? 0);
    const judged = again ? undefined : round?.data.checks.find((each) => each.check === check);
    return [{ check, answers, undisturbed, ...(judged && { judged }) }];
  });
}

/** How often it was asked: what said the same as the answer before it is reported as a number. */
export const asked = (answers: readonly Answer[]): number => answers.length + unwritten(answers);

/** How often it ended so; what is not written one by one had passed. */
export function ended(answers: readonly Answer[], outcome: Outcome): number {
  const written = answers.filter(({ data }) => data.outcome === outcome).length;
  return outcome === 'passed' ? written + unwritten(answers) : written;
}

const unwritten = (answers: readonly Answer[]): number =>
  answers.reduce((sum, { data }) => sum + (data.unwritten ?? 0), 0);

function answersInExperiments(events: readonly SiagaEvent[]): ReadonlySet<number> {
  const inside = new Set<number>();
  let experiments = 0;
  for (const { type, seq } of events) {
    if (type === 'experiment.started') experiments++;
    else if (type === 'experiment.finished') experiments--;
    else if (type === 'check.finished' && experiments > 0) inside.add(seq);
  }
  return inside;
}
