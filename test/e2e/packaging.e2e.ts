import { execFile, spawn, type ExecFileException } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
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
import { once } from 'node:events';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { identify, isAlive } from '../../src/tools/process.ts';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const away = mkdtempSync(join(tmpdir(), 'siaga-packaging-'));
const copy = join(away, 'checkout');
const installed = join(away, 'installed');
const home = join(installed, 'node_modules/siaga');
const launcher = join(home, 'bin/siaga.js');

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
    // What is compiled here is of folders that will be gone, and kept where Siaga keeps it.
    SIAGA_CACHE_DIR: join(away, 'cache'),
    NODE_COMPILE_CACHE: undefined,
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

async function validate(file: string, cwd: string, ...flags: readonly string[]) {
  const ran = await node([file, 'validate', '--json', ...flags], cwd);
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
  mkdirSync(installed);
  writeFileSync(join(installed, 'package.json'), '{ "type": "module" }');
  const done = await npm(['install', '--no-audit', '--no-fund', tarball()], installed);
  expect(done, done.stderr).toMatchObject({ code: 0 });
}

function tarball(): string {
  return join(away, readdirSync(away).find((name) => name.endsWith('.tgz')) ?? 'nothing was packed');
}

/** Installs the package in an empty folder with another of npm's ways, and gives the command that it made. */
async function installIn(name: string, ...args: readonly string[]): Promise<string> {
  const folder = join(away, name);
  mkdirSync(folder);
  const done = await npm([...args, tarball()], folder);
  expect(done, done.stderr).toMatchObject({ code: 0 });
  return folder;
}

function bytesIn(folder: string): number {
  const all = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  return all.reduce((sum, { parentPath, name }) => sum + lstatSync(join(parentPath, name)).size, 0);
}

/** The packages that a bundle imports: what comes neither with Node nor from beside it. */
function packagesIn(code: string): readonly string[] {
  const specifiers = [...code.matchAll(/^(?:import|export) .*?from "([^"]+)";$/gm)].map(
    ([, each = '']) => each,
  );
  return specifiers.filter((each) => !each.startsWith('node:') && !each.startsWith('./'));
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

  test('with Siaga installed for everybody, also past an installed copy that is broken', async () => {
    const prefix = await installIn(
      'global',
      'install',
      '--no-audit',
      '--no-fund',
      '--global',
      '--prefix',
      '.',
    );
    const bare = stranger('bare-of-global');
    const broken = stranger('with-broken-copy', { type: 'module' });
    cpSync(join(installed, 'node_modules'), join(broken, 'node_modules'), { recursive: true });
    writeFileSync(join(broken, 'node_modules/siaga/dist/index.js'), "throw new Error('the other copy');");
    for (const folder of [bare, broken]) {
      const ran = await run(join(prefix, 'bin/siaga'), ['validate'], folder);
      expect(ran, ran.stderr).toMatchObject({ code: 0 });
      expect(ran.stdout).toContain('1 check, 1 scenario, 1 experiment');
    }
  });

  test('with npx, in a folder without node_modules', async () => {
    const folder = stranger('npx');
    const ran = await npm(['exec', '--yes', '--package', tarball(), '--', 'siaga', 'validate'], folder);
    expect(ran, ran.stderr).toMatchObject({ code: 0 });
    expect(ran.stdout).toContain('1 check, 1 scenario, 1 experiment');
    expect(existsSync(join(folder, 'node_modules'))).toBe(false);
  });

  test('with Siaga installed by pnpm, whose packages are links', async () => {
    const folder = stranger('pnpm', { name: 'theirs', type: 'module' });
    const pnpm = (...args: readonly string[]) => npm(['exec', '--yes', 'pnpm@10', '--', ...args], folder);
    const added = await pnpm('add', '--ignore-workspace', tarball());
    expect(added, added.stdout + added.stderr).toMatchObject({ code: 0 });
    expect(lstatSync(join(folder, 'node_modules/siaga')).isSymbolicLink()).toBe(true);
    const ran = await run(join(folder, 'node_modules/.bin/siaga'), ['validate'], folder);
    expect(ran, ran.stderr).toMatchObject({ code: 0 });
    expect(ran.stdout).toContain('1 check, 1 scenario, 1 experiment');
  });

  test('in a script of theirs, which starts nothing of Siaga', async () => {
    const script = "import * as siaga from 'siaga'; console.log(Object.keys(siaga).includes('defineCheck'))";
    const ran = await node(['--input-type=module', '--eval', script, '--', '--help'], installed);
    expect(ran).toEqual({ code: 0, stdout: 'true\n', stderr: '' });
  });

  test('and a Node that is too old says in one line which is needed', async () => {
    const old = await oldNode();
    const { code, stdout, stderr } = await run(old, [launcher], installed);
    expect(stderr).toMatch(/^siaga: needs Node 24\.0 or later, this is Node \d+\.\d+\.\d+\n$/);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

describe('the package', () => {
  test('holds what was bundled, the launcher and its papers, and nothing else', () => {
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
    expect(files.filter((file) => /\.test\.|\.test-d\.|testing|\.map$/.test(file))).toEqual([]);
    expect(files).toEqual(
      expect.arrayContaining(['index.d.ts', 'runbook/types.d.ts', 'index.js', 'guard.js', 'start.js']),
    );
    const bundles = files.filter((file) => file.endsWith('.js'));
    expect(bundles.length).toBeLessThan(30);
    const code = bundles.map((file) => readFileSync(join(home, 'dist', file), 'utf8'));
    expect(code.flatMap(packagesIn)).toEqual([]);
    // What starts the reference system is not in it.
    expect(code.filter((text) => /testcontainers|initdb|apt-get|redis-server/.test(text))).toEqual([]);
  });

  test('hands on the licences of what is bundled', () => {
    const text = readFileSync(join(home, 'dist/LICENSES.txt'), 'utf8');
    expect(text.match(/^\S+ \d+\.\d+\.\d+: .*/gm)).toEqual([
      // With prom-client, which writes the figures of a round for a node exporter, comes what it is built on.
      expect.stringMatching(/^@opentelemetry\/api .*: Apache-2\.0/),
      expect.stringMatching(/^bintrees .*: MIT/),
      expect.stringMatching(/^commander .*: MIT/),
      expect.stringMatching(/^prom-client .*: Apache-2\.0/),
      expect.stringMatching(/^tdigest .*: MIT/),
      expect.stringMatching(/^toxiproxy-node-client .*: ISC/),
      expect.stringMatching(/^ws .*: MIT/),
    ]);
  });

  test('is installed with under 5 MB, and puts one name among the commands of a project', () => {
    const modules = join(installed, 'node_modules');
    expect(readdirSync(join(modules, '.bin'))).toEqual(['siaga']);
    expect(readdirSync(modules).toSorted()).toEqual([
      '.bin',
      '.package-lock.json',
      '@standard-schema',
      'siaga',
    ]);
    expect(bytesIn(modules)).toBeLessThan(5_000_000);
  });

  test('says that the reference system comes with a checkout', async () => {
    const { code, stderr } = await node([launcher, 'reference', 'up'], installed);
    expect(stderr).toContain('the reference system comes with a checkout of siaga');
    expect(code).toBe(2);
  });

  test('says the same of a target that is the reference system, and takes it at an address of its own', async () => {
    const folder = stranger('with-reference', { type: 'module' });
    const config = join(folder, 'siaga.config.ts');
    writeFileSync(config, readFileSync(config, 'utf8').replace('http://127.0.0.1:9', 'reference'));
    const check = (env: Readonly<Record<string, string>>) =>
      run(process.execPath, [launcher, 'check', '--no-stay'], folder, env);
    const refused = await check({});
    expect(refused.stderr).toContain('SIAGA_TARGET_URL to use a system of your own');
    expect(refused.code).toBe(2);
    expect((await check({ SIAGA_TARGET_URL: 'http://127.0.0.1:9' })).code).toBe(1);
  });

  test('finds k6 and Toxiproxy, and looks for nothing that only the reference system needs', async () => {
    const { stdout } = await node([launcher, 'doctor', '--json'], installed);
    const { tools, docker } = JSON.parse(stdout) as { tools: readonly { tool: string }[]; docker?: object };
    expect(tools.map(({ tool }) => tool)).toEqual(['k6', 'toxiproxy']);
    expect(docker).toBe(undefined);
  });

  test('has a guard that needs no file of it once it listens', async () => {
    const folder = join(away, 'replaced');
    cpSync(join(home, 'dist'), join(folder, 'dist'), { recursive: true });
    cpSync(join(home, 'package.json'), join(folder, 'package.json'));
    const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    const guard = spawn(process.execPath, [join(folder, 'dist/guard.js'), '--owner', 'run1']);
    try {
      expect(String((await once(guard.stdout, 'data'))[0])).toBe('ready\n');
      rmSync(folder, { recursive: true });
      const own = identify(child.pid ?? 0);
      guard.stdin.end(`${JSON.stringify({ kind: 'own', ...own })}\n`);
      await once(guard, 'close');
      expect(isAlive(own)).toBe(false);
    } finally {
      child.kill('SIGKILL');
      guard.kill('SIGKILL');
    }
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
});

/** Starts Siaga with a cache folder of its own, and gives what it left there. */
async function startWith(cache: string, extra: Readonly<Record<string, string>> = {}) {
  const ran = await run(process.execPath, [launcher, 'help', 'report'], installed, {
    SIAGA_CACHE_DIR: cache,
    ...extra,
  });
  expect(ran).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('Usage: siaga report') });
  return existsSync(join(cache, 'compiled')) ? readdirSync(join(cache, 'compiled')) : [];
}

function folderNamed(name: string): string {
  const folder = join(away, name);
  mkdirSync(folder);
  return folder;
}

describe('what Node has compiled is kept', () => {
  test('in a folder of its own that nobody else can look into', async () => {
    const cache = folderNamed('cache-fresh');
    expect(await startWith(cache)).toHaveLength(1);
    expect(lstatSync(join(cache, 'compiled')).mode & 0o777).toBe(0o700);
  });

  test.each(['0777', '0755', '0770'])('but not in one of mode %s that was there', async (mode) => {
    const cache = folderNamed(`cache-${mode}`);
    mkdirSync(join(cache, 'compiled'));
    chmodSync(join(cache, 'compiled'), Number.parseInt(mode, 8));
    expect(await startWith(cache)).toEqual([]);
  });

  test('but not through a link', async () => {
    const cache = folderNamed('cache-link');
    const elsewhere = folderNamed('cache-elsewhere');
    chmodSync(elsewhere, 0o700);
    symlinkSync(elsewhere, join(cache, 'compiled'));
    expect(await startWith(cache)).toEqual([]);
  });

  test('but not where a file is in the way, or where nothing can be made', async () => {
    const file = join(away, 'cache-file');
    writeFileSync(file, '');
    expect(await startWith(file)).toEqual([]);
    expect(await startWith('/proc/nowhere')).toEqual([]);
    const missing = join(away, 'no-home');
    expect(await startWith(join(missing, '.cache/siaga'))).toEqual([]);
    expect(existsSync(missing)).toBe(false);
  });

  test('but not where its user wants none', async () => {
    expect(await startWith(folderNamed('cache-unwanted'), { NODE_DISABLE_COMPILE_CACHE: '1' })).toEqual([]);
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
