import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './scripts/longest-first.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const away = ['**/node_modules/**', '**/dist/**', '.siaga/**', 'reports/**'];

const endToEnd = (...names: readonly string[]) => names.map((name) => `test/e2e/${name}.e2e.ts`);
// These start commands and builds one after the other, and keep a processor busy with it.
const busy = endToEnd('faults-input', 'packaging', 'provision', 'secrets', 'validate');
// This takes a processor away from everybody.
const alone = endToEnd('load/starved');
// What these say rests on what a reference system under load was measured to do.
const drills = endToEnd(
  'chaos/reference-processes',
  'containers',
  'faults/faults',
  'faults/lies',
  'only-this',
  'sabotage/*',
  'uses/*',
);
// A poll waits for a fact, however busy the machine is: how long it may take is claimed where it is the claim.
const onRealParts = {
  // Commands start in half the time where Node finds what it compiled for the one before.
  env: { NODE_COMPILE_CACHE: here('./node_modules/.cache/node-compile') },
  testTimeout: 300_000,
  hookTimeout: 600_000,
  expect: { poll: { interval: 50, timeout: 60_000 } },
};

export default defineConfig({
  resolve: {
    alias: [
      { find: /^siaga$/, replacement: here('./src/index.ts') },
      { find: /^siaga\/runbook$/, replacement: here('./src/runbook/types.ts') },
    ],
  },
  test: {
    allowOnly: false,
    // A test that asserts nothing shows nothing.
    expect: { requireAssertions: true },
    reporters: ['default', here('./scripts/tally.ts')],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        // No test claims how fast something is: one that takes this long hangs.
        test: { name: 'unit', include: ['**/*.test.ts'], exclude: away, testTimeout: 60_000 },
      },
      {
        extends: true,
        test: {
          name: 'types',
          include: [],
          typecheck: {
            enabled: true,
            // Errors outside the type tests are the types step's to tell.
            ignoreSourceErrors: true,
            only: true,
            include: ['**/*.test-d.ts'],
            exclude: away,
            tsconfig: here('./tsconfig.json'),
          },
        },
      },
      {
        extends: true,
        test: {
          ...onRealParts,
          name: 'drills',
          include: drills,
          // Each has a reference system of its own, which takes about half a processor. Four made the database of one miss
          // its limits on two busy processors.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          ...onRealParts,
          name: 'parts',
          include: ['test/e2e/**/*.e2e.ts'],
          exclude: [...away, ...drills, ...busy, ...alone],
          // Together with the drills: not more than two at a time, of whichever kind.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: { ...onRealParts, name: 'busy', include: busy, maxWorkers: 2, sequence: { groupOrder: 3 } },
      },
      {
        extends: true,
        test: { ...onRealParts, name: 'alone', include: alone, maxWorkers: 1, sequence: { groupOrder: 4 } },
      },
    ],
  },
});
