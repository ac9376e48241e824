import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const entry = fileURLToPath(new URL('restart-main.ts', import.meta.url));

/** What the process that restarts says, where its caller wrote this before it was gone. */
function said(input: string): string {
  const project = mkdtempSync(join(tmpdir(), 'siaga-restart-'));
  onTestFinished(() => rmSync(project, { recursive: true }));
  return spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', entry, project], {
    input,
    encoding: 'utf8',
  }).stdout;
}

test('a restart whose caller was killed before the guard knew of it does nothing', () => {
  expect(said('')).toBe('');
});

test('a restart begins when it is told to', () => {
  expect(said('go')).toContain('"code":"reference-not-running"');
});
