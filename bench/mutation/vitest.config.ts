import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

// The unit tests alone, in one project: the runner that plants the changes knows no more.
export default defineConfig({
  root: here('../..'),
  resolve: {
    alias: [
      { find: /^siaga$/, replacement: here('../../src/index.ts') },
      { find: /^siaga\/runbook$/, replacement: here('../../src/runbook/types.ts') },
    ],
  },
  test: {
    include: (process.env['SIAGA_MUTATION_TESTS'] ?? 'src')
      .split(' ')
      .map((folder) => `${folder}/**/*.test.ts`),
    // A machine that is busy with other work makes no change look noticed.
    testTimeout: 120_000,
  },
});
