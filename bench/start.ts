import { execFile, spawn } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { checks, openTarget, project } from './check.ts';
import { cost, median, wallOf } from './processes.ts';
import type { Cost } from './processes.ts';

const rounds = 15;
const root = fileURLToPath(new URL('..', import.meta.url));

/** What the package weighs, and how long its start takes beside plain Node: each in turn, medians of the ratios. */
export async function benchStart(): Promise<Readonly<Record<string, number | string>>> {
  const away = mkdtempSync(join(tmpdir(), 'siaga-bench-start-'));
  try {
    const tarball = await pack(away);
    const home = await install(away, tarball);
    return { ...sizes(away, tarball), ...(await times(away, home)) };
  } finally {
    rmSync(away, { recursive: true, force: true });
  }
}

async function pack(away: string): Promise<string> {
  await promisify(execFile)('npm', ['pack', '--pack-destination', away], { cwd: root });
  return join(away, readdirSync(away).find((name) => name.endsWith('.tgz')) ?? '');
}

async function install(away: string, tarball: string): Promise<string> {
  writeFileSync(join(away, 'package.json'), '{ "type": "module" }');
  await promisify(execFile)('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], {
    cwd: away,
  });
  return join(away, 'node_modules', 'siaga');
}

function sizes(away: string, tarball: string): Readonly<Record<string, number | string>> {
  const modules = join(away, 'node_modules');
  const files = readdirSync(modules, { recursive: true, withFileTypes: true }).filter((each) =>
    each.isFile(),
  );
  const bytes = files.reduce((sum, { parentPath, name }) => sum + lstatSync(join(parentPath, name)).size, 0);
  return {
    'packed kB': Math.round(lstatSync(tarball).size / 1_000),
    'installed kB': Math.round(bytes / 1_000),
    'installed files': files.length,
    'names in .bin': readdirSync(join(modules, '.bin')).join(' '),
  };
}

interface Side {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

async function times(away: string, home: string): Promise<Readonly<Record<string, number>>> {
  await using target = await openTarget();
  using dir = project(target.url, false);
  const [empty, plain, line] = [join(away, 'empty.mjs'), join(away, 'plain.mjs'), join(away, 'line.mjs')];
  writeFileSync(empty, '');
  writeFileSync(plain, plainText);
  writeFileSync(line, `process.stdin.resume();\nprocess.stdout.write('ready\\n');\n`);
  const launcher = join(home, 'bin', 'siaga.js');
  const check = ['check', '--no-stay', '-C', dir.path];
  const cached = { SIAGA_CACHE_DIR: join(away, 'cache') };
  mkdirSync(cached.SIAGA_CACHE_DIR);
  const costs = await inTurn({
    empty: { args: [empty] },
    plain: { args: [plain, target.url] },
    help: { args: [launcher, '--help'], env: cached },
    installed: { args: [launcher, ...check], env: cached },
    uncached: { args: [launcher, ...check], env: { NODE_DISABLE_COMPILE_CACHE: '1' } },
    sources: { args: [join(root, 'src', 'main.ts'), ...check], env: { NODE_DISABLE_COMPILE_CACHE: '1' } },
  });
  const guards = await linesInTurn({
    line: [line],
    guard: [join(home, 'dist', 'guard.js'), '--owner', 'bench'],
  });
  const walls = (name: keyof typeof costs) => costs[name].map(({ wall }) => wall);
  const cpus = (name: keyof typeof costs) => costs[name].map(({ cpu }) => cpu);
  return {
    'empty Node ms': median(walls('empty')),
    '--help ms': median(walls('help')),
    '--help ÷ empty Node, wall': ratio(walls('help'), walls('empty')),
    '--help ÷ empty Node, cpu': ratio(cpus('help'), cpus('empty')),
    'plain Node ms': median(walls('plain')),
    'check ms': median(walls('installed')),
    'check ÷ plain Node, wall': ratio(walls('installed'), walls('plain')),
    'check ÷ plain Node, cpu': ratio(cpus('installed'), cpus('plain')),
    'without the compile cache ÷ plain Node, wall': ratio(walls('uncached'), walls('plain')),
    'from sources ÷ plain Node, wall': ratio(walls('sources'), walls('plain')),
    'guard ready ms': median(guards.guard),
    'guard ready ÷ a line from Node': ratio(guards.guard, guards.line),
  };
}

async function inTurn<Name extends string>(
  sides: Readonly<Record<Name, Side>>,
): Promise<Record<Name, Cost[]>> {
  const named = Object.entries<Side>(sides) as [Name, Side][];
  const costs = Object.fromEntries(named.map(([name]) => [name, [] as Cost[]])) as Record<Name, Cost[]>;
  // The first starts fill the cache.
  for (let round = -1; round < rounds; round++) {
    for (const [name, { args, env }] of named) {
      const wall = await passed(() => wallOf(args, env));
      const { cpu } = await passed(() => cost(args, env));
      if (round >= 0) costs[name].push({ wall, cpu });
    }
  }
  return costs;
}

/** On a machine that is too busy a round of checks is inconclusive, and says nothing of its time: it is made again. */
async function passed<T>(measure: () => Promise<T>, tries = 5): Promise<T> {
  try {
    return await measure();
  } catch (error) {
    if (tries === 1) throw error;
    return passed(measure, tries - 1);
  }
}

async function linesInTurn<Name extends string>(
  sides: Readonly<Record<Name, readonly string[]>>,
): Promise<Record<Name, number[]>> {
  const named = Object.entries<readonly string[]>(sides) as [Name, readonly string[]][];
  const taken = Object.fromEntries(named.map(([name]) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round < rounds; round++)
    for (const [name, args] of named) taken[name].push(await untilLine(args));
  return taken;
}

/** Milliseconds until a program says its first line. */
async function untilLine(args: readonly string[]): Promise<number> {
  const from = performance.now();
  const child = spawn(process.execPath, [...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const closed = new Promise((resolve) => child.once('close', resolve));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const ms = performance.now() - from;
  child.stdin.end();
  await closed;
  return ms;
}

function ratio(over: readonly number[], under: readonly number[]): number {
  return median(over.map((each, round) => each / (under[round] ?? Number.NaN)));
}

const plainText = `const url = process.argv[2];
const answers = await Promise.all(Array.from({ length: ${checks} }, async (_, index) => {
  const response = await fetch(url + '/' + index);
  return response.status === 200 && (await response.json()).ok;
}));
if (!answers.every(Boolean)) process.exit(1);
`;

if (import.meta.main) console.table(await benchStart());
