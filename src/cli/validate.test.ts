import { Command } from 'commander';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { projectFilesUntil } from '../adapter/project-files.ts';
import type { TypeReport } from '../project/ports.ts';
import { registerValidate } from './validate.ts';
import type { Platform } from '../run/platform.ts';

const minimal = fileURLToPath(new URL('../../test/projects/minimal', import.meta.url));

async function validated(errors: (TypeReport & { state: 'checked' })['errors']): Promise<string> {
  let shown = '';
  const platform = {
    env: {},
    cwd: minimal,
    called: 'siaga',
    stdout: (text: string) => void (shown += text),
    outcome: { code: 0 },
    projectFiles: projectFilesUntil(),
    checkTypes: () => Promise.resolve([{ state: 'checked', files: 1, errors }]),
    secrets: { keep: () => {} },
    interrupted: new AbortController().signal,
  } as unknown as Platform;
  const program = new Command();
  registerValidate(program, platform);
  await program.parseAsync(['node', 'siaga', 'validate']);
  return shown;
}

test('hunt c: validate calls a project sound only where nothing is wrong with it', async () => {
  const good = await validated([]);
  expect(good).toContain('0 errors');
  expect(good).toContain('usable: ');
  const bad = await validated([{ file: 'checks/a.ts', message: 'no such name' }]);
  expect(bad).toContain('1 error,');
  expect(bad).not.toContain('usable: ');
});
