import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CheckTypes, TypeFault, TypeReport } from '../project/ports.ts';

const limits = { timeout: 60_000, maxBuffer: 4 * 2 ** 20, killSignal: 'SIGKILL' } as const;

// For files outside of any TypeScript project: what strips, and no taste of ours.
const common = {
  target: 'es2022',
  module: 'esnext',
  moduleResolution: 'bundler',
  strict: true,
  allowImportingTsExtensions: true,
  skipLibCheck: true,
};
const own = { noEmit: true, composite: false, incremental: false };

interface Group {
  readonly files: readonly string[];
  /** A package without which the types cannot be known. */
  readonly needs?: string;
  /** Options where no tsconfig.json is near. */
  readonly bare: object;
}

/** Runs the project's own `tsc` over its definitions and over its scenarios, each by the nearest tsconfig.json. */
export const checkTypes: CheckTypes = async ({ dir, definitions, scenarios }) => {
  const groups: readonly Group[] = [
    { files: definitions, bare: { types: [], paths: ownPaths() } },
    { files: scenarios, needs: '@types/k6', bare: { types: ['k6'] } },
  ];
  return Promise.all(groups.filter(({ files }) => files.length > 0).map((group) => checkGroup(dir, group)));
};

async function checkGroup(dir: string, { files, needs, bare }: Group): Promise<TypeReport> {
  const paths = files.map((file) => join(dir, file));
  const from = dirname(paths.find((path) => dirname(path) !== dir) ?? join(dir, 'x'));
  const typescript = find(from, 'typescript');
  const missing =
    typescript === undefined ? 'typescript' : needs !== undefined && !find(from, needs) && needs;
  if (typescript === undefined || missing) {
    return { state: 'unchecked', reason: `${missing} cannot be found from ${dir}` };
  }
  const config = ancestors(from)
    .map((folder) => join(folder, 'tsconfig.json'))
    .find(existsSync);
  const compilerOptions = {
    ...(config === undefined && { ...common, ...bare }),
    ...own,
    typeRoots: typeRoots(from),
  };
  const report = await runTsc(typescript, {
    extends: config,
    compilerOptions,
    files: paths,
    include: [],
  });
  if (typeof report === 'string') return { state: 'unchecked', reason: report };
  return { state: 'checked', files: files.length, errors: report.flatMap((line) => faultOf(line, dir)) };
}

function find(from: string, name: string): string | undefined {
  try {
    return dirname(createRequire(join(from, 'x.js')).resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}

// Where `siaga` is not installed beside the project, its types are those of the running CLI.
function ownPaths(): object {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'd.ts';
  const path = (name: string): string => fileURLToPath(new URL(`../${name}.${extension}`, import.meta.url));
  return { siaga: [path('index')], 'siaga/runbook': [path('runbook/types')] };
}

// Default roots are looked for beside the configuration, and ours lies elsewhere.
const typeRoots = (from: string): readonly string[] =>
  ancestors(from)
    .map((folder) => join(folder, 'node_modules', '@types'))
    .filter(existsSync);

function ancestors(folder: string): readonly string[] {
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...ancestors(above)];
}

/** The lines with errors, or why tsc said nothing usable. */
async function runTsc(typescript: string, config: object): Promise<readonly string[] | string> {
  const folder = mkdtempSync(join(tmpdir(), 'siaga-types-'));
  const file = join(folder, 'tsconfig.json');
  try {
    writeFileSync(file, JSON.stringify(config));
    return await run([join(typescript, 'bin', 'tsc'), '--project', file, '--pretty', 'false'], folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(args: readonly string[], cwd: string): Promise<readonly string[] | string> {
  return new Promise((settle) => {
    execFile(
      process.execPath,
      args,
      { ...limits, cwd, env: { PATH: process.env['PATH'] } },
      (error, stdout) => {
        const lines = stdout.split('\n').filter((line) => line.includes(': error TS'));
        if (error === null) settle([]);
        else
          settle(
            lines.length > 0 ? lines.map((line) => resolveLine(line, cwd)) : stdout.trim() || error.message,
          );
      },
    );
  });
}

// tsc prints paths relative to where it runs.
function resolveLine(line: string, cwd: string): string {
  const [, path = '', rest = ''] = /^(.*?)(\(\d+,\d+\): .*)$/.exec(line) ?? [];
  return path === '' ? line : `${resolve(cwd, path)}${rest}`;
}

function faultOf(line: string, dir: string): readonly TypeFault[] {
  const [, path = '', row, message = ''] = /^(.*?)\((\d+),\d+\): error (.*)$/.exec(line) ?? [];
  const file = relative(dir, path).replaceAll('\\', '/');
  // Files beyond the project are not the project's to mend.
  return path === '' || file.startsWith('../') ? [] : [{ file: `${file}:${row}`, message }];
}
