import { execFile, type ExecFileException } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const away = mkdtempSync(join(tmpdir(), 'siaga-packaging-'));
const copy = join(away, 'checkout');
const installed = join(away, 'installed');

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(
  file: string,
  args: readonly string[],
  cwd: string,
  extra: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const env = {
    ...process.env,
    ...extra,
    PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`,
  };
  return new Promise((settle) => {
    const options = { cwd, env, maxBuffer: 2 ** 24, timeout: 240_000 };
    execFile(file, [...args], options, (error: ExecFileException | null, stdout, stderr) =>
      settle({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr }),
    );
  });
}

const node = (args: readonly string[], cwd: string): Promise<Ran> => run(process.execPath, args, cwd);
const npm = (args: readonly string[], cwd: string): Promise<Ran> => run('npm', args, cwd);

/** A stranger's folder with the minimal project and, where given, a package.json. */
function stranger(name: string, manifest?: object): string {
  const folder = join(away, name);
  cpSync(join(root, 'test/projects/minimal'), folder, { recursive: true });
  if (manifest !== undefined) writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  return folder;
}

async function validate(launcher: string, cwd: string, ...flags: readonly string[]) {
  const ran = await node([launcher, 'validate', '--json', ...flags], cwd);
  return {
    ...ran,
    json: JSON.parse(ran.stdout) as { diagnostics: unknown; types: unknown; results: unknown },
  };
}

function copyCheckout(): void {
  const parts = [
    'bin',
    'src',
    'scripts',
    'checks',
    'chaos',
    'scenarios',
    'docs',
    'README.md',
    'LICENSE',
    'runbook.ts',
    'siaga.config.ts',
  ];
  const config = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];
  for (const part of [...parts, ...config].filter((each) => existsSync(join(root, each)))) {
    cpSync(join(root, part), join(copy, part), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
}

async function installPacked(): Promise<void> {
  const packed = await npm(['pack', '--pack-destination', away], copy);
  expect(packed, packed.stderr).toMatchObject({ code: 0 });
  const tarball = readdirSync(away).find((name) => name.endsWith('.tgz'));
  mkdirSync(installed);
  writeFileSync(join(installed, 'package.json'), '{ "type": "module" }');
  const done = await npm(['install', '--no-audit', '--no-fund', join(away, tarball ?? '')], installed);
  expect(done, done.stderr).toMatchObject({ code: 0 });
}

/** A Node older than ours: the machine's own where it is, else one from the registry. */
async function oldNode(): Promise<string> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const file = join(folder, 'node');
    if (!existsSync(file)) continue;
    const { stdout } = await run(file, ['-p', 'process.versions.node.split(".")[0]'], away);
    if (Number(stdout) < 24) return file;
  }
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(away, 'old-node');
  mkdirSync(folder);
  await npm(['install', '--no-audit', '--no-fund', '--prefix', folder, `${name}@22.0.0`], folder);
  return join(folder, 'node_modules', name, 'bin', 'node');
}

beforeAll(async () => {
  copyCheckout();
  await installPacked();
});

afterAll(() => rmSync(away, { recursive: true, force: true }));

describe("import … from 'siaga' works", () => {
  test('in our checkout, without a build', async () => {
    rmSync(join(copy, 'dist'), { recursive: true, force: true });
    const { code, json } = await validate(join(copy, 'bin/siaga.js'), copy, '--no-types');
    expect(json.results).toEqual([]);
    expect(code).toBe(0);
  });

  test('in a folder without node_modules', async () => {
    const folder = stranger('bare');
    const { code, json } = await validate(join(root, 'bin/siaga.js'), root, '-C', folder);
    expect(json).toMatchObject({ diagnostics: [], types: [{ state: 'unchecked' }, { state: 'unchecked' }] });
    expect(code).toBe(0);
  });

  test("in a stranger's commonjs package", async () => {
    const folder = stranger('commonjs', { name: 'theirs', type: 'commonjs' });
    const { code, json } = await validate(join(root, 'bin/siaga.js'), folder);
    expect(json.diagnostics).toEqual([]);
    expect(code).toBe(0);
  });

  test.each(['module', 'commonjs'])(
    "in a stranger's %s package with Siaga installed from npm pack",
    async (type) => {
      cpSync(join(root, 'test/projects/minimal'), installed, { recursive: true });
      writeFileSync(join(installed, 'package.json'), JSON.stringify({ type, dependencies: { siaga: '*' } }));
      const { code, stdout } = await npm(['exec', '--no', '--', 'siaga', 'validate'], installed);
      expect(stdout).toContain('1 check, 1 scenario, 1 experiment');
      expect(stdout).toContain('0 errors, 0 warnings');
      expect(code).toBe(0);
    },
  );

  test('and a Node that is too old says in one line which is needed', async () => {
    const old = await oldNode();
    const { code, stdout, stderr } = await run(
      old,
      [join(installed, 'node_modules/siaga/bin/siaga.js')],
      installed,
    );
    expect(stderr).toMatch(/^siaga: needs Node 24\.0 or later, this is Node \d+\.\d+\.\d+\n$/);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

describe('the package', () => {
  test('holds what was compiled, the launcher and its papers, and nothing else', () => {
    const home = join(installed, 'node_modules/siaga');
    expect(readdirSync(home).toSorted()).toEqual([
      'LICENSE',
      'README.md',
      'bin',
      'dist',
      'docs',
      'package.json',
    ]);
    expect(readdirSync(join(home, 'docs'))).toEqual(['envelope.schema.json', 'events.schema.json']);
    const files = readdirSync(join(home, 'dist'), { recursive: true }).map(String);
    expect(files.filter((file) => /\.test\.|\.test-d\.|testing/.test(file))).toEqual([]);
    expect(files).toContain('index.d.ts');
  });

  test('helps', async () => {
    const { code, stdout, stderr } = await run(
      join(installed, 'node_modules/.bin/siaga'),
      ['--help'],
      installed,
    );
    for (const command of ['check', 'load', 'chaos', 'gate', 'gameday', 'validate', 'doctor'])
      expect(stdout).toContain(`  ${command} `);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test('checks a target, from the compiled files alone', async () => {
    const server = createServer((_request, response) => {
      response.setHeader('content-type', 'application/json').end('{ "fallback": false }');
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    cpSync(join(root, 'test/projects/minimal'), installed, { recursive: true });
    const command = join(installed, 'node_modules/.bin/siaga');
    const ran = await run(command, ['check', '--no-stay', '--json'], installed, { SIAGA_TARGET_URL: url });
    server.close();
    expect(JSON.parse(ran.stdout)).toMatchObject({
      verdict: 'passed',
      results: [{ kind: 'check', name: 'hello', outcome: 'passed', violations: [] }],
    });
    expect(ran.code).toBe(0);
  });

  test('brings nothing of the reference system along', () => {
    const names = readdirSync(join(installed, 'node_modules'));
    expect(names.filter((name) => /^(fastify|pg|ioredis|cockatiel|vitest|typescript)$/.test(name))).toEqual(
      [],
    );
  });
});

describe("a stranger's TypeScript finds the types", () => {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const options = {
    target: 'es2022',
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    types: [],
  };

  const compile = (compilerOptions: object) => {
    cpSync(join(root, 'test/projects/minimal'), installed, { recursive: true });
    writeFileSync(join(installed, 'package.json'), '{ "type": "module" }');
    const files = ['runbook.ts', 'siaga.config.ts', 'checks/hello.ts', 'chaos/hello-down.ts'];
    writeFileSync(
      join(installed, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { ...options, ...compilerOptions }, files }),
    );
    return node([tsc, '-p', installed], installed);
  };

  test.each([
    { module: 'nodenext', moduleResolution: 'nodenext' },
    { module: 'esnext', moduleResolution: 'bundler' },
    { module: 'nodenext', moduleResolution: 'nodenext', skipLibCheck: true },
  ])('with %o', async (resolution) => {
    const { code, stdout } = await compile(resolution);
    expect(stdout).toBe('');
    expect(code).toBe(0);
  });

  test('and they are more than any: a wrong proxy does not compile', async () => {
    await compile({ module: 'nodenext' });
    const file = join(installed, 'chaos/hello-down.ts');
    writeFileSync(file, readFileSync(file, 'utf8').replace("proxy: 'upstream'", "proxy: 'upsteam'"));
    const { code, stdout } = await node([tsc, '-p', installed], installed);
    expect(stdout).toContain('upsteam');
    expect(code).not.toBe(0);
  });
});
