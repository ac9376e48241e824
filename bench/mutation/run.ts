// The mutation score of the rooms that decide: `npm run mutation -- [room …]`. How it is measured: README.md beside it.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { rooms } from './rooms.ts';
import type { Room } from './rooms.ts';

const here = import.meta.dirname;
const root = resolve(here, '../..');
const stryker = join(here, 'node_modules/@stryker-mutator/core/bin/stryker.js');
const reports = join(here, 'reports');
const caught = ['Killed', 'Timeout'];
const missed = ['Survived', 'NoCoverage'];

interface Mutant {
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly status: string;
  readonly location: { readonly start: { readonly line: number; readonly column: number } };
}

interface Report {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }>>;
}

const again = process.argv.includes('--again');
const wanted = process.argv.slice(2).filter((name) => name !== '--again');
const unknown = wanted.find((name) => !rooms.some((room) => room.name === name));
if (unknown !== undefined) {
  const allowed = rooms.map(({ name }) => name).join(', ');
  process.stderr.write(`npm run mutation: got ${unknown}, allowed: ${allowed}\n`);
  process.exit(2);
}

// A file that was renamed would be left out without a word.
const gone = rooms.flatMap(({ mutate }) =>
  mutate.filter((file) => globSync(file, { cwd: root }).length === 0),
);
if (gone.length > 0) {
  process.stderr.write(`npm run mutation: rooms.ts names files that are not there: ${gone.join(', ')}\n`);
  process.exit(2);
}

// A tool of its own, so that nobody who only works on Siaga has to install it.
if (!existsSync(stryker)) execFileSync('npm', ['ci', '--no-fund'], { cwd: here, stdio: 'inherit' });
mkdirSync(reports, { recursive: true });
for (const room of rooms.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  process.stdout.write(await scoreOf(room));
}

async function scoreOf(room: Room): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'siaga-mutation-'));
  const file = join(reports, `${room.name}.json`);
  if (!again) rmSync(file, { force: true });
  try {
    const config = join(folder, 'stryker.json');
    writeFileSync(config, JSON.stringify(settings(room, folder, file)));
    const code = await run(config, room);
    if (!existsSync(file)) return `${room.name}: not measured, exit ${code}\n`;
    return described(room, JSON.parse(readFileSync(file, 'utf8')) as Report);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function settings({ mutate }: Room, folder: string, file: string): object {
  return {
    testRunner: 'vitest',
    plugins: [join(here, 'node_modules/@stryker-mutator/vitest-runner/dist/src/index.js')],
    mutate: [...mutate, '!src/**/*.test.ts', '!src/**/{types,ports,text,words}.ts'],
    mutator: { excludedMutations: ['StringLiteral'] },
    vitest: { configFile: 'bench/mutation/vitest.config.ts', related: false },
    coverageAnalysis: 'perTest',
    concurrency: Number(process.env['SIAGA_MUTATION_CONCURRENCY'] ?? 2),
    timeoutMS: 60_000,
    dryRunTimeoutMinutes: 60,
    // It rewrites that file with an API that TypeScript 7 no longer has, and nothing here needs it.
    tsconfigFile: 'none',
    ignorePatterns: ['dist', '.siaga', 'reports'],
    tempDirName: join(folder, 'sandbox'),
    reporters: ['progress-append-only'],
    incremental: true,
    incrementalFile: file,
  };
}

async function run(config: string, { tests }: Room): Promise<number | null> {
  const env = { ...process.env, SIAGA_MUTATION_TESTS: tests.join(' ') };
  const child = spawn(process.execPath, [stryker, 'run', config], {
    cwd: root,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return await new Promise((ended) => child.once('exit', (code) => ended(code)));
}

/** The score, and every change that no test noticed: file, line, what stood there and what it became. */
function described({ name }: Room, { files }: Report): string {
  const all = Object.entries(files).flatMap(([file, { source, mutants }]) =>
    mutants.map((mutant) => ({ file, line: source.split('\n')[mutant.location.start.line - 1], ...mutant })),
  );
  const killed = all.filter(({ status }) => caught.includes(status)).length;
  const left = all.filter(({ status }) => missed.includes(status));
  const score = (100 * killed) / (killed + left.length);
  const lines = left.map(
    ({ file, line = '', location, mutatorName, replacement = '', status }) =>
      `  ${file}:${location.start.line} ${status} ${mutatorName} → ${replacement.replaceAll(/\s+/g, ' ').slice(0, 80)}\n      ${line.trim()}`,
  );
  return [`${name}: ${score.toFixed(1)} % (${killed} of ${killed + left.length})`, ...lines, ''].join('\n');
}
