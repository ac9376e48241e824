import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Tally } from '../scripts/tally.ts';
import { root } from './support/sources.ts';

const folder = mkdtempSync(join(tmpdir(), 'siaga-tally-'));
const alone = ['o', 'nly'].join('');
const files = {
  'mixed.test.js': `
    import { describe, expect, test } from 'vitest';
    let tries = 0;
    test('passes', () => {});
    test('fails', () => expect(1).toBe(2));
    test.skip('left out', () => {});
    test.todo('for later');
    test('second try', { retry: 2 }, () => expect(++tries).toBe(2));
  `,
  'unloadable.test.js': "import './nowhere.js';",
  'hook.test.js': `
    import { beforeAll, describe, test } from 'vitest';
    describe('a suite', () => {
      beforeAll(() => { throw new Error('no start'); });
      test('never runs', () => {});
    });
  `,
  'alone.test.js': `import { test } from 'vitest'; test.${alone}('by itself', () => {}); test('forgotten', () => {});`,
  'rejects.test.js':
    "import { test } from 'vitest'; test('lets go', () => { Promise.reject(new Error('loose')); });",
};
let tally: Tally;

beforeAll(async () => {
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, 'vitest.config.js'), 'export default { test: { allowOnly: false } };');
  const file = join(folder, 'tally.json');
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', '--root', folder, '--reporter', join(root, 'scripts/tally.ts')];
  await new Promise((done) => {
    execFile(
      process.execPath,
      args,
      { cwd: folder, env: { PATH: process.env['PATH'], SIAGA_TALLY_FILE: file } },
      done,
    );
  });
  tally = JSON.parse(readFileSync(file, 'utf8')) as Tally;
}, 30_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('only a test that passed at once counts as passed', () => {
  expect(tally.passed).toBe(2);
});

test.each([
  'mixed.test.js > fails: failed, expected 1 to be 2 // Object.is equality',
  'mixed.test.js > left out: skipped',
  'mixed.test.js > for later: skipped',
  'mixed.test.js > second try: passed after a retry, expected 1 to be 2 // Object.is equality',
  'hook.test.js > a suite: no start',
  'hook.test.js > a suite > never runs: skipped',
  'alone.test.js > by itself: failed, [Vitest] Unexpected .only modifier. Remove it or pass --allowOnly argument to bypass this error',
  'alone.test.js > forgotten: skipped',
  'outside every test: loose',
])('%s', (reason) => {
  expect(tally.reasons).toContain(reason);
});

test('a file that cannot be loaded counts as failed, and each reason counts once', () => {
  expect(tally.reasons.filter((reason) => reason.startsWith('unloadable.test.js > '))).toHaveLength(1);
  expect(tally.failed).toBe(tally.reasons.length);
  expect(tally.failed).toBe(10);
});

test('each file is told with how long it took', () => {
  const found = (tally.files ?? []).map(({ file }) => file);
  expect(found.toSorted()).toEqual(Object.keys(files).toSorted());
  expect(tally.files?.every(({ ms }) => Number.isFinite(ms))).toBe(true);
});
