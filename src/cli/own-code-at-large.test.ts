import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { root } from '../../test/support/sources.ts';
import { type Ended, startSiaga } from '../../test/support/rig/siaga.ts';

const secret = 'glsa_verysecretkey';

/** What `validate --json` ends with where a source of the project runs this as it is loaded. */
async function validated(atImport: string): Promise<Ended> {
  const dir = mkdtempSync(join(realpathSync(tmpdir()), 'siaga-at-large-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  cpSync(join(root, 'test/projects/minimal'), dir, { recursive: true });
  mkdirSync(join(dir, 'sources'));
  const source = `export default { name: 'queue', every: '5s', timeout: '2s', read: () => 1 };`;
  writeFileSync(join(dir, 'sources', 'queue.ts'), `${atImport}\n${source}`);
  const hook = `https://hooks.example.com/?key=${secret}`;
  return startSiaga(['validate', '--json'], { dir, env: { HOOK: hook } }).ended;
}

test('a command that code of the project ends with 0 has not passed', async () => {
  const { code, stdout, stderr } = await validated('process.exit(0);');
  expect([code, JSON.parse(stdout)]).toMatchObject([
    3,
    { verdict: 'inconclusive', exitCode: 3, results: [{ code: 'cut-short' }] },
  ]);
  expect(stderr).toContain('this command was ended before it had a result');
});

test('what code of the project prints stands on stderr, its secrets hidden', async () => {
  const { code, stdout, stderr } = await validated(`console.log('to', process.env['HOOK']);`);
  expect(JSON.parse(stdout)).toMatchObject({ exitCode: code, command: 'validate' });
  expect(stderr).toContain('to https://');
  expect(stdout + stderr).not.toContain(secret);
});

test('what code of the project leaves behind at its import is no bug of ours', async () => {
  const { code, stderr } = await validated(`void Promise.reject(new Error('too late'));`);
  expect(code).not.toBe(70);
  expect(stderr).toContain('the file sources/queue.ts threw where nobody waited for it: too late');
});
