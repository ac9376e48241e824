import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { TypeCheck } from '../load/ports.ts';

const limits = { timeout: 60_000, maxBuffer: 4 * 2 ** 20, killSignal: 'SIGKILL' } as const;

// For files outside of any TypeScript project: what runs once types are stripped, no taste of ours.
const common = {
  target: 'es2022',
  module: 'esnext',
  moduleResolution: 'bundler',
  allowImportingTsExtensions: true,
  skipLibCheck: true,
};
const own = { noEmit: true, composite: false, incremental: false };

interface TscRequest {
  /** Absolute, of one TypeScript project: that of the last. */
  readonly files: readonly [string, ...string[]];
  /** A package without which the types cannot be known. */
  readonly needs?: string;
  /** Compiler options where no tsconfig.json is near. */
  readonly bare: object;
}

/** Runs the `tsc` that the files' own project has, by the nearest tsconfig.json. Errors name absolute paths. */
export async function tsc({ files, needs, bare }: TscRequest): Promise<TypeCheck> {
  const from = dirname(files.at(-1) ?? files[0]);
  const typescript = packageFolder(from, 'typescript');
  if (typescript === undefined) return unfound('typescript', from);
  if (needs !== undefined && packageFolder(from, needs) === undefined) return unfound(needs, from);
  const base = ancestors(from)
    .map((folder) => join(folder, 'tsconfig.json'))
    .find(existsSync);
  const compilerOptions = {
    ...(base === undefined && { ...common, ...bare }),
    ...own,
    typeRoots: typeRoots(from),
  };
  return runWith(join(typescript, 'bin', 'tsc'), { extends: base, compilerOptions, files, include: [] });
}

function unfound(name: string, from: string): TypeCheck {
  return { state: 'unchecked', reason: `${name} cannot be found from ${from}` };
}

function packageFolder(from: string, name: string): string | undefined {
  try {
    return dirname(createRequire(join(from, 'x.js')).resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
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

async function runWith(compiler: string, config: object): Promise<TypeCheck> {
  const written = writeConfig(config);
  if (written instanceof Error) return { state: 'unchecked', reason: written.message };
  const { folder, file } = written;
  try {
    return await run([compiler, '--project', file, '--pretty', 'false'], folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// Where nothing temporary can be written, types cannot be checked, and that is all.
function writeConfig(config: object): { readonly folder: string; readonly file: string } | Error {
  try {
    const folder = mkdtempSync(join(tmpdir(), 'siaga-types-'));
    const file = join(folder, 'tsconfig.json');
    writeFileSync(file, JSON.stringify(config));
    return { folder, file };
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function run(args: readonly string[], cwd: string): Promise<TypeCheck> {
  const options = { ...limits, cwd, env: { PATH: process.env['PATH'] } };
  return new Promise((settle) => {
    execFile(process.execPath, args, options, (error, stdout) => {
      const errors = stdout.split('\n').filter((line) => line.includes(': error TS'));
      if (error === null || errors.length > 0) {
        settle({ state: 'checked', errors: errors.map((line) => withFullPath(line, cwd)) });
      } else settle({ state: 'unchecked', reason: stdout.trim() || error.message });
    });
  });
}

// tsc prints paths relative to where it runs.
function withFullPath(line: string, cwd: string): string {
  const [, path, rest] = /^(.*?)(\(\d+,\d+\): .*)$/.exec(line) ?? [];
  return path === undefined ? line : `${resolve(cwd, path)}${rest}`;
}
