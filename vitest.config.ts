import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const away = ['**/node_modules/**', '**/dist/**', '.siaga/**', 'reports/**'];

export default defineConfig({
  resolve: {
    alias: [
      { find: /^siaga$/, replacement: here('./src/index.ts') },
      { find: /^siaga\/runbook$/, replacement: here('./src/runbook/types.ts') },
    ],
  },
  test: {
    allowOnly: false,
    reporters: ['default', here('./scripts/tally.ts')],
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['**/*.test.ts'], exclude: away, testTimeout: 10_000 },
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
          name: 'e2e',
          include: ['test/e2e/**/*.e2e.ts'],
          exclude: away,
          testTimeout: 300_000,
          hookTimeout: 600_000,
          // One file at a time: they start real systems and load them.
          fileParallelism: false,
        },
      },
    ],
  },
});
