import type { EventOf, SiagaEvent } from '../event/envelope.ts';
import type { CheckJudged } from '../event/round.ts';
import type { Outcome } from '../kernel/outcome.ts';

const defaultShare = 0.02;

/**
 * Each check over all of its answers in a round. After a single pass its answer decides. After a stay it has failed
 * when two answers in a row did, or at least two and more than `share` of those since sampling began, or none
 * of them passed.
 */
export function judgeChecks(
  events: readonly SiagaEvent[],
  share: number = defaultShare,
): readonly CheckJudged[] {
  const began = events.find(({ type, data }) => type === 'run.phase' && data.part === 'staying')?.seq ?? 0;
  const answers = Map.groupBy(
    events.filter((event) => event.type === 'check.finished'),
    ({ data }) => data.check,
  );
  return [...answers].map(([check, own]) => {
    const sampled = tallyOf(own.filter(({ seq }) => seq > began));
    return judged(check, own, sampled.failed >= 2 && sampled.failed > share * sampled.answers);
  });
}

interface Tally {
  answers: number;
  failed: number;
  failedAt: number | undefined;
  passedSince: number;
  inARow: boolean;
}

function judged(check: string, own: readonly EventOf<'check.finished'>[], often: boolean): CheckJudged {
  const { answers, failed, failedAt, passedSince, inARow } = tallyOf(own);
  const stands = own.at(-1)?.data.stands;
  if (answers === 0) {
    const outcome = stands?.outcome ?? 'inconclusive';
    return { check, outcome, answers, failed, ...(stands && { standsSince: stands.at }) };
  }
  const outcome: Outcome = failed === answers || inARow || often ? 'failed' : 'passed';
  return {
    check,
    outcome,
    answers,
    failed,
    ...(failedAt !== undefined && { failedAt, passedSince }),
  };
}

function tallyOf(own: readonly EventOf<'check.finished'>[]): Tally {
  const tally: Tally = { answers: 0, failed: 0, failedAt: undefined, passedSince: 0, inARow: false };
  for (const { data, at } of own) {
    const before = data.unwritten ?? 0;
    tally.answers += before;
    tally.passedSince += before;
    if (data.outcome !== 'inconclusive') count(tally, data.outcome, at);
  }
  return tally;
}

function count(tally: Tally, outcome: 'passed' | 'failed', at: number): void {
  tally.answers += 1;
  if (outcome === 'passed') {
    tally.passedSince += 1;
    return;
  }
  tally.inARow ||= tally.failed > 0 && tally.passedSince === 0;
  tally.failed += 1;
  tally.failedAt ??= at;
  tally.passedSince = 0;
}
