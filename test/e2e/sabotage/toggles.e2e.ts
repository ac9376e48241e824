import { describe } from 'vitest';
import { join } from 'node:path';
import { experimentText } from '../../support/rig/experiments.ts';
import { both, failsExactly, impatient, unsabotaged } from '../../support/rig/sabotage.ts';

/** A toggle that, once set to another value, never lets go of it. */
const sticky = (mark: string): string => `
  const fs = process.getBuiltinModule('node:fs');
  if (environment['SCREENER_MAX_CONCURRENCY'] === '2') fs.writeFileSync(${JSON.stringify(mark)}, '');
  const stuck = fs.existsSync(${JSON.stringify(mark)}) ? { SCREENER_MAX_CONCURRENCY: '2' } : {};
  const toggles = togglesFrom({ ...environment, ...stuck });`;

// What the shipped experiments do with toggles, without the incident around it.
const toggled = experimentText({
  name: 'toggled',
  hypothesis: 'What an experiment sets is put back',
  prepare: { SCREENER_MAX_CONCURRENCY: '2' },
  proxy: 'okx',
  fault: "latency('200ms')",
  for: '5s',
});

describe('siaga chaos run fails exactly the expectation that is about (R30), of the toggles', () => {
  failsExactly(
    [
      unsabotaged('toggled'),
      {
        what: 'a toggle left changed after the restore',
        experiment: 'toggled',
        commit: async (rig) =>
          both(
            await rig.patched(
              'reference/api/config.ts',
              '  const toggles = togglesFrom(environment);',
              sticky(join(rig.checkout.dir, 'stuck')),
            ),
            impatient(rig),
          ),
        ending: [4, 'rollback-failed'],
        broken: [
          {
            id: 'after.toggles',
            path: 'toggles.SCREENER_MAX_CONCURRENCY',
            got: 'SCREENER_MAX_CONCURRENCY is 2, not 4',
            allowed: 'as before',
          },
        ],
      },
    ],
    ({ checkout }) => checkout.write('chaos/toggled.ts', toggled),
  );
});
