import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { ResultEnvelope } from '../../src/export/envelope.ts';
import { read, root } from '../support/sources.ts';

const away = mkdtempSync(join(tmpdir(), 'siaga-validate-'));
afterAll(() => rmSync(away, { recursive: true, force: true }));

let count = 0;

/** The minimal project, with files replaced, added or (as undefined) removed. */
function project(changes: Readonly<Record<string, string | undefined>> = {}): string {
  const folder = join(away, `p${++count}`);
  cpSync(join(root, 'test/projects/minimal'), folder, { recursive: true });
  for (const [file, text] of Object.entries(changes)) {
    if (text === undefined) rmSync(join(folder, file));
    else writeFileSync(join(folder, file), text);
  }
  return folder;
}

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function siaga(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const launcher = join(root, 'bin/siaga.js');
  return new Promise((settle) => {
    const options = { cwd, env: { PATH: process.env['PATH'], HOME: away, ...env }, timeout: 60_000 };
    execFile(process.execPath, [launcher, ...args], options, (error, stdout, stderr) =>
      settle({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

const minimal = (file: string): string => read(`test/projects/minimal/${file}`);
const edit = (file: string, from: string, to: string): Record<string, string> => ({
  [file]: minimal(file).replace(from, to),
});

const broken: readonly [string, Record<string, string | undefined>, string, string][] = [
  [
    'a check file with a syntax error',
    { 'checks/bad.ts': '\nexport const a = {' },
    'checks/bad.ts:2',
    'cannot be loaded',
  ],
  [
    'a runbook without a default export',
    { 'runbook.ts': 'export const a = 1;' },
    'runbook.ts',
    'no default export',
  ],
  [
    'a check file without a check',
    { 'checks/none.ts': 'export const a = 1;' },
    'checks/none.ts',
    'exports no check',
  ],
  [
    'a duplicate name',
    { 'checks/twin.ts': minimal('checks/hello.ts') },
    'checks/twin.ts hello.name',
    'taken by another check',
  ],
  [
    'an unknown scenario',
    edit('chaos/hello-down.ts', "'smoke'", "'smok'"),
    'chaos/hello-down.ts default.load.scenario',
    'no such scenario',
  ],
  [
    'an unset variable',
    edit('siaga.config.ts', 'http://127.0.0.1:9', '${API_URL}'),
    'siaga.config.ts targets[0].url',
    'API_URL is not set',
  ],
  ['a missing configuration', { 'siaga.config.ts': undefined }, 'siaga.config.ts', 'missing'],
];

describe('siaga validate', () => {
  test('of a sound project exits 0 and says what it saw, and what it could not check', async () => {
    const { code, stdout, stderr } = await siaga(['validate'], project());
    expect(stdout).toContain('1 signal, 0 toggles, 1 target, 1 check, 1 scenario, 1 experiment');
    expect(stdout).toContain('types: unchecked: typescript cannot be found');
    expect(stdout).toContain('0 errors, 0 warnings');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test.each(broken)('%s: exit 2, one envelope, the place', async (_, changes, where, what) => {
    const { code, stdout } = await siaga(['validate', '--json'], project(changes));
    const envelope = JSON.parse(stdout) as ResultEnvelope;
    const places = envelope.results.flatMap((result) =>
      result.kind === 'error' ? [`${result.where}: ${result.what}`] : [],
    );
    expect(places.find((place) => place.startsWith(`${where}: `))).toContain(what);
    expect(envelope).toMatchObject({ version: 1, command: 'validate', verdict: 'error', exitCode: 2 });
    expect(code).toBe(2);
  });

  test('tells all faults of all files at once', async () => {
    const three = [broken[0], broken[2], broken[3]].map((row) => row?.[1]);
    const changes = Object.assign(edit('runbook.ts', "zone: 'UTC'", "zone: 'Mars/Base'"), ...three);
    const { code, stdout } = await siaga(['validate'], project(changes as Record<string, string>));
    for (const place of [
      'runbook.ts  zone',
      'checks/bad.ts:2',
      'checks/none.ts',
      'checks/twin.ts  hello.name',
    ]) {
      expect(stdout).toContain(`error ${place}`);
    }
    expect(stdout).toContain('4 errors, 0 warnings');
    expect(code).toBe(2);
  });

  test('checks types with the TypeScript of the project', async () => {
    const folder = project(edit('checks/hello.ts', "every: '1s'", "every: '1s' as unknown as number"));
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const { code, stdout } = await siaga(['validate'], folder);
    expect(stdout).toMatch(/error checks\/hello\.ts:\d+\n\s+TS\d+: /);
    expect(stdout).toContain('types: 5 files checked');
    expect(code).toBe(2);
    expect(await siaga(['validate', '--no-types'], folder)).toMatchObject({ code: 0, stderr: '' });
  });

  test('says so where the TypeScript of the project does not find Siaga, which is no fault of a definition', async () => {
    const folder = project({
      'tsconfig.json': '{ "compilerOptions": { "module": "nodenext", "allowImportingTsExtensions": true } }',
    });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const { code, stdout } = await siaga(['validate'], folder);
    expect(stdout).toContain('does not find siaga: install it there');
    expect(code).toBe(0);
  });

  test.each(['1', '30'])(
    'our own checks can fill every bucket at speed %s, others are refused',
    async (speed) => {
      const args = ['validate', '--no-types', '--speed', speed];
      expect(await siaga([...args, '-C', root], away)).toMatchObject({ code: 0 });
      const rare = await siaga(args, project(edit('checks/hello.ts', "every: '1s'", "every: '10s'")));
      expect(rare.stdout).toContain('the planned sampling cannot fill a bucket of this signal');
      expect(rare.code).toBe(2);
    },
  );

  test('a folder that is no project, and an unknown target with the nearest one', async () => {
    const nowhere = await siaga(['validate', '-C', 'nowhere'], away);
    expect(nowhere.stderr).toContain('there is no Siaga project here');
    expect(nowhere).toMatchObject({ code: 2, stdout: '' });
    const other = await siaga(['validate', '--target', 'locl'], project());
    expect(other.stdout).toContain('did you mean local?');
    expect(other.code).toBe(2);
  });
});

describe('a broken project stops every command before anything is touched', () => {
  test.each([['check'], ['load', 'smoke'], ['chaos', 'run', 'hello-down'], ['gate'], ['gameday']])(
    'siaga %s',
    async (...args) => {
      const folder = project({ 'checks/bad.ts': 'export const a = {' });
      const { code, stdout, stderr } = await siaga([...args, '--json'], folder);
      expect(JSON.parse(stdout)).toMatchObject({ verdict: 'error', exitCode: 2, run: null });
      expect(stderr).toContain('checks/bad.ts:1');
      expect(code).toBe(2);
    },
  );
});

describe('suspicious: what validate refuses of a plan of sampling stops what would measure by it', () => {
  test.each([['check'], ['load', 'smoke'], ['gate']])('siaga %s', async (...args) => {
    const folder = project(edit('checks/hello.ts', "every: '1s'", "every: '10s'"));
    const refused = await siaga(['validate', '--no-types'], folder);
    const { code, stdout, stderr } = await siaga([...args, '--json'], folder);
    const told = refused.stdout.split('\n').slice(1, 5);
    for (const line of told) expect(stderr).toContain(line.trim());
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'error', exitCode: 2, run: null });
    expect(code).toBe(2);
    expect(existsSync(join(folder, '.siaga'))).toBe(false);
  });
});

test('a secret is not shown in a message about its place', async () => {
  const changes = edit('siaga.config.ts', 'http://127.0.0.1:9', '${API}');
  const { stderr, stdout, code } = await siaga(['check', '--json'], project(changes), {
    API: 'ftp://me:hunter22@x',
  });
  expect(stdout + stderr).not.toContain('hunter22');
  expect(code).toBe(2);
});

test('the launcher of this checkout is what was run', () => {
  expect(readFileSync(join(root, 'bin/siaga.js'), 'utf8')).toContain('src/start.ts');
});

test.each(['validate', 'check'])(
  '%s that is stopped while a file waits for ever ends as interrupted',
  async (command) => {
    const waits = `process.stderr.write('waits');\nawait new Promise((never) => setTimeout(never, 86_400_000).unref());`;
    const child = spawn(process.execPath, [join(root, 'bin/siaga.js'), command], {
      cwd: project({ 'checks/waits.ts': waits }),
      env: { PATH: process.env['PATH'], HOME: away },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = once(child, 'exit');
    await once(child.stderr, 'data');
    child.kill('SIGTERM');
    expect(await ended).toEqual([130, null]);
  },
);
