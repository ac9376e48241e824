import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './scripts/longest-first.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const away = ['**/node_modules/**', '**/dist/**', '.siaga/**', 'reports/**'];

// These keep both processors busy, or measure what a busy processor does.
const busy = [
  'containers',
  'faults-input',
  'load/starved',
  'packaging',
  'provision',
  'secrets',
  'validate',
].map((name) => `test/e2e/${name}.e2e.ts`);
// A poll waits for a fact, however busy the machine is: how long it may take is claimed where it is the claim.
const onRealParts = {
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
          name: 'e2e',
          include: busy,
          exclude: away,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          ...onRealParts,
          name: 'drills',
          include: ['test/e2e/**/*.e2e.ts'],
          exclude: [...away, ...busy],
          // Each has a system of its own and mostly waits: for windows of the runbook, for loads of some seconds. Five made
          // the database of a system miss its limits on two busy cores.
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
