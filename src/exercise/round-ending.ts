import type { CheckFinished } from '../event/catalogue.ts';
import type { EventOf, SiagaEvent } from '../event/envelope.ts';
import type { CheckJudged, RoundOut } from '../event/round.ts';
import type { JudgeSpec } from '../event/specs.ts';
import type { Engine } from '../incident/engine.ts';
import { inHand } from '../incident/stable.ts';
import type { Out } from '../incident/out.ts';
import { formatMs } from '../kernel/duration.ts';
import { exit } from '../kernel/exit.ts';
import { violationWords } from '../kernel/outcome.ts';
import { localTime } from '../kernel/zone.ts';
import { unreadable } from '../projection/findings.ts';
import type { Ending } from './ending.ts';
import { firingWords, isKnown, type Sight } from './sight.ts';

/** What a round ends by. */
export interface RoundFacts {
  readonly judge: JudgeSpec;
  readonly engine: Pick<Engine, 'incident'>;
  readonly now: number;
  readonly checks: readonly CheckFinished[];
  readonly sight: Sight;
  /** The window has decided: what one pass alone cannot decide counts for nothing any more. */
  readonly decided: boolean;
}

/** How a round ends by what it measured: the first of these that holds. What it owes to incidents is added by the run. */
export function endingOf(facts: RoundFacts): Ending {
  const failed = failedCheck(facts) ?? outAtOnce(facts);
  if (failed !== undefined) return { exitCode: exit.failed, reason: failed };
  const doubt = undecided(facts) ?? unreadable(facts.sight.measured)?.got ?? inconclusive(facts);
  return doubt === undefined
    ? { exitCode: exit.passed, reason: '' }
    : { exitCode: exit.inconclusive, reason: doubt };
}

function failedCheck(facts: RoundFacts): string | undefined {
  const failed = facts.sight.measured.checks.find(
    (check) => check.outcome === 'failed' && !isCovered(facts, `check:${check.check}`),
  );
  if (failed === undefined) return undefined;
  const shown = facts.checks.find(({ check }) => check === failed.check);
  const [violation] = shown?.stands?.violations ?? shown?.violations ?? [];
  const what = violation ? `: ${violationWords(violation)}` : ' failed';
  return `${failed.check}${what}${howOften(failed, facts.judge)}`;
}

function clockTime(at: number, { zone }: JudgeSpec): string {
  const { time, label } = localTime(at, zone);
  return `${time} ${label}`;
}

function howOften({ answers, failed, standsSince }: CheckJudged, judge: JudgeSpec): string {
  if (standsSince !== undefined)
    return `, as it was at ${clockTime(standsSince, judge)}: not asked again for its maxPerHour`;
  return answers > 1 ? `; ${failed} of ${answers} answers failed` : '';
}

// What somebody has in hand is nobody's news.
function isCovered({ judge, engine: { incident }, now }: RoundFacts, signal: string): boolean {
  if (incident === undefined || inHand(incident, now) === undefined) return false;
  return isKnown(judge, { signal }, incident);
}

function newOut(facts: RoundFacts): Sight['out'] {
  const { incident } = facts.engine;
  const rest = facts.sight.out.filter(({ firing }) => firing.subject?.kind !== 'check');
  return incident === undefined ? rest : rest.filter(({ firing }) => !isKnown(facts.judge, firing, incident));
}

/** What is out beside the checks, as far as it counts for how the round ends. */
export function countedOut(facts: RoundFacts): readonly RoundOut[] {
  const out = newOut(facts).filter((each) => each.undecided === undefined || !facts.decided);
  return out.map(({ firing: { signal, subject, got, allowed }, undecided: why, window }) => {
    const doubt = window ? windowWords(window, facts.judge) : why && whyUndecided[why];
    return { signal, ...(subject && { subject }), got, allowed, ...(doubt && { undecided: doubt }) };
  });
}

const whyUndecided = {
  'too-few-samples': 'too few samples to decide',
  increase: 'an increase alone does not decide',
  'longer-window': 'one pass is shorter than its window',
} as const;

function windowWords({ bad, known, of }: NonNullable<Out['window']>, { bucketMs }: JudgeSpec): string {
  return `bad in ${bad} of ${known} known buckets of ${formatMs(bucketMs)}, its trigger needs ${of} in a row`;
}

function outAtOnce(facts: RoundFacts): string | undefined {
  const first = countedOut(facts).find((out) => out.undecided === undefined);
  return first && firingWords(first);
}

function undecided(facts: RoundFacts): string | undefined {
  const first = countedOut(facts).find((out) => out.undecided !== undefined);
  return first && `${firingWords(first)}: ${first.undecided}`;
}

function inconclusive({ checks, sight: { measured } }: RoundFacts): string | undefined {
  const addressed = checks.filter(({ noAddress }) => noAddress !== true);
  const asked = measured.checks.some(({ answers }) => answers > 0);
  const doubtful = (asked ? addressed : checks).find(
    ({ check }) => measured.checks.find((each) => each.check === check)?.outcome === 'inconclusive' || !asked,
  );
  return doubtful && `${doubtful.check}: inconclusive, ${doubtful.reason ?? 'no reason given'}`;
}

/** The observation that a round shows of a check: the first that failed, where it failed; else the newest that tells most. */
export function shownOf(
  events: readonly SiagaEvent[],
  { check, outcome }: CheckJudged,
): CheckFinished | undefined {
  const own = events.filter(
    (event): event is EventOf<'check.finished'> & SiagaEvent =>
      event.type === 'check.finished' && event.data.check === check,
  );
  const found = own.find(({ data }) => data.outcome === outcome && outcome === 'failed');
  return (found ?? own.findLast(({ data }) => data.outcome === outcome) ?? own.at(-1))?.data;
}
