import type { SiagaEvent } from '../event/envelope.ts';
import type { Store } from '../event/store.ts';

// Rounds of days; reading a year of answers would keep every round waiting.
const lookBack = 2_000;

/**
 * How each check of a target last ended, drills left out: two failures in a row may lie in two rounds. What was
 * inconclusive or not asked says nothing.
 */
export function lastChecks(
  store: Pick<Store, 'read'>,
  target: string,
): Readonly<Record<string, 'passed' | 'failed'>> {
  const events = store.read({ target, types: ['run.started', 'check.finished'], newest: lookBack });
  // Of a run whose beginning lies further back it is not known whether it was a drill.
  const real = new Set(events.filter(isReal).map(({ run }) => run));
  return Object.fromEntries(
    events.flatMap(({ type, run, data }) => {
      if (type !== 'check.finished' || !real.has(run)) return [];
      return data.outcome === 'inconclusive' ? [] : [[data.check, data.outcome] as const];
    }),
  );
}

const isReal = ({ type, data }: SiagaEvent): boolean => type === 'run.started' && !data.drill;
