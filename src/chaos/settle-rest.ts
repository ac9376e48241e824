import type { ExperimentContext } from './context.ts';
import type { AnyExperiment } from './definition.ts';
import { after, changesToggles, during, expectationsOf, togglesRestored } from './plan.ts';
import { abandonExpectation } from './stage.ts';
import type { Result, Stage } from './stage.ts';
import type { Difference } from '../effect/contract.ts';
import { wordsOf } from '../effect/toggle/set.ts';

/** Every expectation of both stages, those that were never judged written as such. */
export function settleUnjudged(
  experiment: AnyExperiment,
  { journal, judge }: ExperimentContext,
  [first, second]: readonly [Stage | undefined, Stage | undefined],
  stopped: boolean,
): readonly Result[] {
  const why = stopped ? 'the experiment was stopped' : 'the experiment ended before';
  first?.abandon(why);
  second?.abandon(why);
  const unopened = [...(first ? [] : during(experiment)), ...(second ? [] : after(experiment, judge))];
  return [
    ...(first?.results ?? []),
    ...(second?.results ?? []),
    ...unopened.map((facts) => ({
      facts,
      settled: abandonExpectation(journal, experiment.name, facts, why),
    })),
  ];
}

/** Whether the toggles an experiment changed read back as before. */
export function settleToggles(
  experiment: AnyExperiment,
  { journal, judge }: ExperimentContext,
  left: readonly Difference[],
): readonly Result[] {
  if (!changesToggles(experiment)) return [];
  const [first] = left;
  const evidence = journal.events().findLast(({ type }) => type === 'toggle.read');
  const settled = {
    outcome: first ? 'broken' : 'met',
    got: first ? wordsOf(left) : 'as before',
    allowed: 'as before',
    evidence: evidence ? [evidence.seq] : [],
    ...(first && { path: `toggles.${first.name}` }),
  } as const;
  const facts = expectationsOf(experiment, judge).filter(({ id }) => id === togglesRestored);
  return facts.map((each) => {
    const data = { experiment: experiment.name, expectation: each.id, ...settled };
    journal.append({ type: 'expectation.settled', data });
    return { facts: each, settled };
  });
}
