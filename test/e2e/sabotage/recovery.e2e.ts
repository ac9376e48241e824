import { describe } from 'vitest';
import { both, failsExactly, impatient, unsabotaged } from '../../support/rig/sabotage.ts';

describe('siaga chaos run fails exactly the expectation that is about (R30), of the recovery', () => {
  failsExactly([
    unsabotaged('provider-down'),
    {
      what: 'a breaker that never closes',
      experiment: 'provider-down',
      commit: async (rig) =>
        both(
          await rig.patched(
            'reference/api/market/breaker.ts',
            'halfOpenAfter: halfOpenAfterMs }',
            'halfOpenAfter: halfOpenAfterMs * 1_000 }',
          ),
          impatient(rig),
        ),
      ending: [1, 'weakness'],
      broken: [
        { id: 'after.1', path: 'breaker.coinapi', got: 'open', allowed: 'half-open → closed' },
        // What follows from it: users stay on the fallback, and on the fallback nothing is recovered.
        {
          id: 'after.2',
          path: 'states.degraded',
          got: 'degraded true',
          allowed: 'passed, degraded false, source "coinapi"',
        },
        { id: 'after.3', path: 'incident', got: 'restore-proposed', allowed: 'recovered' },
      ],
    },
  ]);
});
