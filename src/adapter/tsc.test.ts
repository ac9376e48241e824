import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { root } from '../../test/support/sources.ts';
import { tsc } from './tsc.ts';

afterEach(() => vi.unstubAllEnvs());

test('types are unchecked, and that is said, where nothing temporary can be written', async () => {
  vi.stubEnv('TMPDIR', '/nonexistent');
  const checked = await tsc({ files: [join(root, 'runbook.ts')], bare: {} });
  expect(checked).toMatchObject({ state: 'unchecked', reason: expect.stringContaining('ENOENT') });
});
