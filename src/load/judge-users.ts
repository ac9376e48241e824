import { doubtful, failed, type Finding } from './finding.ts';
import { shareOf, tooMany } from './share.ts';
import { formatRatio } from '../kernel/percent.ts';
import type { ScenarioUsers } from './users.ts';
import type { Ended } from './verdict.ts';

/** What is said of iterations that began and were not finished. */
export interface UsersJudged {
  readonly findings: readonly Finding[];
  readonly notes: readonly string[];
}

/**
 * A user who hangs gets no answer, and nothing else says so. Where users wait for answers, one that hangs and never
 * finished an iteration fails the load; besides, at least two and more than the share of failures allowed. What was
 * only cut short by the end is reported.
 */
export function judgeUsers(ended: Ended): UsersJudged {
  const cut = ended.measured.users.filter(({ unfinished }) => unfinished > 0);
  const judged = ended.thresholds === 'judged' && ended.ours === 'no';
  const findings = judged ? cut.flatMap((users) => hang(users, ended)) : [];
  const named = new Set(findings.map(({ path }) => path));
  const rest = cut.filter(({ scenario }) => !named.has(pathOf(scenario)));
  return { findings, notes: ended.ours === 'no' ? rest.map(noteOf) : [] };
}

function hang(users: ScenarioUsers, { plan, judge, measured }: Ended): readonly Finding[] {
  const { hanging, hangingNever, never, begun, scenario, users: all } = users;
  const open = plan.offers.some((offer) => offer.scenario === scenario);
  const over = tooMany(hanging, open ? begun : all, judge);
  if (!over && (open || hangingNever === 0)) return [];
  const got = open
    ? `${hanging} of ${begun} iterations hang`
    : `${hanging} of ${all} users hang, ${never} never finished one iteration`;
  const allowed = `every user gets on; at most ${formatRatio(shareOf(judge))} may hang`;
  // A generator that stood still may have left them no time.
  const finding = measured.stood.length > 0 ? doubtful : failed;
  return [finding('unfinished-iterations', pathOf(scenario), got, allowed)];
}

function pathOf(scenario: string): string {
  return `scenario ${scenario || 'default'}`;
}

function noteOf({ scenario, unfinished, begun }: ScenarioUsers): string {
  return `${pathOf(scenario)}: ${unfinished} of ${begun} iterations had begun and were not finished when k6 ended`;
}
