import type { SiagaEvent } from '../event/envelope.ts';
import type { Store } from '../event/store.ts';

// Rounds of a day and more; reading a year of answers would keep every round waiting.
const lookBack = 50_000;

/**
 * How each check of a target last ended before this run, drills left out: two failures in a row may lie in two rounds.
 * What was inconclusive or not asked says nothing.
 */
export function lastChecks(
  store: Pick<Store, 'read'>,
  own: string,
  target: string,
): Readonly<Record<string, 'passed' | 'failed'>> {
  const [begun] = store.read({ run: own, types: ['run.started'] });
  const sinceSeq = Math.max(0, (begun?.seq ?? 0) - lookBack);
  const events = store
    .read({ target, types: ['run.started', 'check.finished'], sinceSeq })
    .filter(({ run }) => run !== own);
  const drills = new Set(events.filter(isDrill).map(({ run }) => run));
  return Object.fromEntries(
    events.flatMap(({ type, run, data }) => {
      if (type !== 'check.finished' || drills.has(run) || data.notAsked === true) return [];
      return data.outcome === 'inconclusive' ? [] : [[data.check, data.outcome] as const];
    }),
  );
}

const isDrill = ({ type, data }: SiagaEvent): boolean => type === 'run.started' && data.drill;
