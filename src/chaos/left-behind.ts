import type { ExperimentContext } from './context.ts';
import { subjectOf } from './injection.ts';
import { describeLeftover, leftoversIn, ofRun } from './leftovers.ts';
import type { MethodResult } from './method.ts';

/** What of this run's is still in Toxiproxy, in words: what could not be undone, and what a last look finds. */
export async function leftBehind(
  { faults, journal }: ExperimentContext,
  { undone: all }: MethodResult,
): Promise<readonly string[]> {
  const stuck = all.flatMap(({ fault, undone: { undone } }) =>
    undone.done
      ? []
      : [`${fault.id} on ${subjectOf(fault.injection)} could not be undone: ${undone.tried.join('; ')}`],
  );
  if (stuck.length > 0) return stuck;
  const proxies = await faults.list().catch(() => []);
  return leftoversIn(proxies)
    .filter((leftover) => leftover.kind !== 'lease' && ofRun(journal.run)(leftover))
    .map((leftover) => `left behind: ${describeLeftover(leftover)}`);
}

/** Faults that were gone already when they were to be undone. */
export function takenByOthers({ undone: all }: MethodResult): readonly string[] {
  return all.flatMap(({ fault, undone: { undone } }) => {
    const subject = `${fault.id} on ${subjectOf(fault.injection)}`;
    if (!undone.done) return [];
    if (undone.step === 'server-gone') return [`${subject} ended with Toxiproxy itself while it was on`];
    if (undone.step === 'process-gone') return [`the process of ${subject} ended while it was on`];
    return undone.step === 'already-gone' ? [`${subject} was removed by someone else while it was on`] : [];
  });
}
