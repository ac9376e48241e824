import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TypeCheck } from '../../load/ports.ts';

const limits = { timeout: 60_000, maxBuffer: 4 * 2 ** 20, killSignal: 'SIGKILL' } as const;

// For a script outside of any TypeScript project: what k6 can run, no taste of ours.
const bare = {
  target: 'es2022',
  module: 'esnext',
  moduleResolution: 'bundler',
  allowImportingTsExtensions: true,
  skipLibCheck: true,
  types: ['k6'],
};

/** Runs the project's own `tsc` over one script, by the nearest tsconfig.json. */
export async function typeCheck(script: string): Promise<TypeCheck> {
  if (!script.endsWith('.ts')) return { state: 'unchecked', reason: 'not TypeScript' };
  const compiler = compilerFor(script);
  if (compiler === undefined)
    return { state: 'unchecked', reason: 'typescript or @types/k6 is not installed there' };
  const folder = mkdtempSync(join(tmpdir(), 'siaga-types-'));
  try {
    const config = join(folder, 'tsconfig.json');
    writeFileSync(config, JSON.stringify(configFor(script)));
    return await run(compiler, config);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function compilerFor(script: string): string | undefined {
  const require = createRequire(script);
  try {
    require.resolve('@types/k6/package.json');
    return join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
  } catch {
    return undefined;
  }
}

function configFor(script: string): object {
  const project = ancestors(script)
    .map((folder) => join(folder, 'tsconfig.json'))
    .find(existsSync);
  const own = { noEmit: true, composite: false, incremental: false, typeRoots: typeRoots(script) };
  const compilerOptions = project === undefined ? { ...bare, ...own } : own;
  return { ...(project && { extends: project }), compilerOptions, files: [script], include: [] };
}

// Default roots are looked for beside the configuration, and ours lies elsewhere.
function typeRoots(script: string): string[] {
  return ancestors(script)
    .map((folder) => join(folder, 'node_modules', '@types'))
    .filter(existsSync);
}

function ancestors(path: string): string[] {
  const folder = dirname(path);
  return folder === path ? [] : [folder, ...ancestors(folder)];
}

function run(compiler: string, config: string): Promise<TypeCheck> {
  const args = [compiler, '--project', config, '--pretty', 'false'];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { ...limits, env: { PATH: process.env['PATH'] } }, (error, stdout) => {
      const errors = stdout.split('\n').filter((line) => line.includes(': error TS'));
      if (error === null || errors.length > 0) resolve({ state: 'checked', errors });
      else resolve({ state: 'unchecked', reason: stdout.trim() || error.message });
    });
  });
}
