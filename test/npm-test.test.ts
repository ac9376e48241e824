import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './support/sources.ts';

/** What `npm test -- <paths>` prints, and its exit code. */
async function npmTest(...paths: readonly string[]) {
  return await new Promise<{ readonly code: number; readonly stdout: string }>((done) => {
    execFile(
      process.execPath,
      [join(root, 'scripts/test.ts'), ...paths],
      { cwd: root, env: { PATH: process.env['PATH'] } },
      (error, stdout) => done({ code: error === null ? 0 : Number(error.code), stdout }),
    );
  });
}

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';

test('with paths, only the test files that match are run, and the last line is the count', async () => {
  const { code, stdout } = await npmTest('src/kernel/columns.test.ts', 'src/kernel/zone.test.ts');
  expect(lastLine(stdout)).toMatch(/^[1-9]\d* passed, 0 failed$/);
  expect(code).toBe(0);
  expect(stdout).toMatch(/Test Files +\d+ passed/);
  expect(stdout).not.toContain('ok   lint');
}, 60_000);

test('a path that no test file matches fails, and is told', async () => {
  const { code, stdout } = await npmTest('no/such/file');
  expect(lastLine(stdout)).toBe('0 passed, 1 failed');
  expect(code).toBe(1);
  expect(stdout).toContain('FAIL tests of no/such/file: no test file matches');
}, 60_000);

test('an option is no path: it is refused before anything is run', async () => {
  const { code, stdout } = await npmTest('-t', 'a name');
  expect(code).toBe(2);
  expect(stdout).toBe('');
}, 60_000);
