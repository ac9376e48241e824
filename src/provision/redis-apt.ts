import { chmodSync, copyFileSync, mkdirSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { entryName, fillCache, lookInCache } from './cache.ts';
import type { Entry, Made } from './cache.ts';
import { joinEnv, onPath } from './executable.ts';
import { failureOf, run, succeeded } from './run.ts';
import type { RunResult } from './run.ts';
import { absent } from './types.ts';
import type { Found, ProvisionContext, Source } from './types.ts';
import { versions } from './versions.ts';

const needed = ['apt-get', 'apt-cache', 'dpkg-deb', 'dpkg-query'];

export const aptCacheSource: Source = {
  name: 'cache',
  look: (context) => lookInCache(entryOf(context), context),
};

/** Unpacks the distribution's own packages into the cache. Nothing is installed and no system folder changes. */
export const aptSource: Source = {
  name: 'embedded',
  look: async (context) => {
    const missing = needed.filter((name) => onPath(name, context).length === 0);
    return missing.length === 0
      ? {
          kind: 'obtainable',
          how: `apt-get download ${versions.redis.packages.join(' ')}, unpacked into the cache`,
        }
      : absent(`no ${missing.join(', ')} on PATH to get it from the distribution`);
  },
  obtain: (context) => fillCache(entryOf(context), context, (folder) => unpack(folder, context)),
};

function entryOf(context: ProvisionContext): Entry {
  return { tool: 'redis', name: entryName('redis', 'apt', context), complete: withLibraries };
}

function withLibraries(folder: string): Pick<Found, 'env'> {
  return { env: libraryPath(folder) };
}

function libraryPath(folder: string): Record<string, string> {
  return { LD_LIBRARY_PATH: join(folder, 'lib') };
}

async function unpack(folder: string, context: ProvisionContext): Promise<Made> {
  const work = join(folder, 'work');
  mkdirSync(work);
  const packages = await download(work, context);
  for (const file of readdirSync(work).filter((name) => name.endsWith('.deb'))) {
    context.progress(`redis: unpacking ${file}`);
    await must(context, 'dpkg-deb', ['-x', join(work, file), join(work, 'root')], work);
  }
  keepWhatRuns(join(work, 'root'), folder);
  rmSync(work, { recursive: true, force: true });
  const version = await versionOf(folder, context);
  return { version, main: join('bin', 'redis-server'), origin: `apt-get download ${packages.join(' ')}` };
}

async function versionOf(folder: string, context: ProvisionContext): Promise<string> {
  const env = joinEnv(context, libraryPath(folder));
  const asked = await run(join(folder, 'bin', 'redis-server'), ['--version'], { env, timeoutMs: 10_000 });
  const version = /v=(\d+\.\d+\.\d+)/.exec(asked.stdout)?.[1];
  if (version === undefined) throw new Error(`what was unpacked does not run: ${failureOf(asked)}`);
  return version;
}

// Documentation, service files and symbolic links with absolute targets stay behind.
function keepWhatRuns(root: string, folder: string): void {
  for (const name of ['bin', 'lib']) mkdirSync(join(folder, name));
  const server = join(folder, 'bin', 'redis-server');
  copyFileSync(realpathSync(join(root, 'usr', 'bin', 'redis-server')), server);
  chmodSync(server, 0o755);
  const files = readdirSync(root, { recursive: true, withFileTypes: true });
  for (const { name, parentPath } of files.filter((file) => /\.so(\.\d+)+$/.test(file.name))) {
    const library = realpathSync(join(parentPath, name));
    if (statSync(library).isFile()) copyFileSync(library, join(folder, 'lib', basename(name)));
  }
}

// First with the machine's own package lists; where it has none, with lists fetched into a private folder.
async function download(work: string, context: ProvisionContext): Promise<string[]> {
  const first = await tryDownload(work, [], context);
  if (first.ok) return first.packages;
  context.progress(
    `redis: apt-get has no usable package lists (${first.reason}), fetching them into the cache`,
  );
  const options = privateApt(work);
  await must(context, 'apt-get', [...options, 'update'], work);
  const second = await tryDownload(work, options, context);
  if (second.ok) return second.packages;
  throw new Error(second.reason);
}

type Download =
  | { readonly ok: true; readonly packages: string[] }
  | { readonly ok: false; readonly reason: string };

async function tryDownload(work: string, options: string[], context: ProvisionContext): Promise<Download> {
  const packages = await missingPackages(work, options, context);
  if (packages === undefined) return { ok: false, reason: 'it does not know redis-server' };
  context.progress(`redis: apt-get download ${packages.join(' ')}`);
  const result = await apt(context, 'apt-get', [...options, 'download', ...packages], work);
  return succeeded(result) ? { ok: true, packages } : { ok: false, reason: failureOf(result, 3) };
}

// The closure names half the distribution; only libraries that this machine lacks matter.
async function missingPackages(
  work: string,
  options: string[],
  context: ProvisionContext,
): Promise<string[] | undefined> {
  const wanted = versions.redis.packages;
  const quiet = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map(
    (kind) => `--no-${kind}`,
  );
  const listed = await apt(
    context,
    'apt-cache',
    [...options, 'depends', '--recurse', ...quiet, ...wanted],
    work,
  );
  if (!succeeded(listed)) return undefined;
  const closure = listed.stdout
    .split('\n')
    .filter((line) => /^lib[\w.+-]+$/.test(line) && !line.endsWith('-perl'));
  const installed = await installedPackages(work, context);
  const core = new Set(['libc6', 'libgcc-s1', 'libelogind0']);
  return [...wanted, ...new Set(closure.filter((name) => !installed.has(name) && !core.has(name)))];
}

async function installedPackages(work: string, context: ProvisionContext): Promise<Set<string>> {
  const result = await apt(context, 'dpkg-query', ['-W', '-f', '${db:Status-Abbrev}${Package}\\n'], work);
  return new Set(
    result.stdout.split('\n').flatMap((line) => (line.startsWith('ii') ? [line.slice(3).trim()] : [])),
  );
}

function privateApt(work: string): string[] {
  const folders = ['state/lists/partial', 'cache/archives/partial', 'log'];
  for (const folder of folders) mkdirSync(join(work, 'apt', folder), { recursive: true });
  return [
    `Dir::State=${join(work, 'apt', 'state')}`,
    'Dir::State::status=/var/lib/dpkg/status',
    `Dir::Cache=${join(work, 'apt', 'cache')}`,
    `Dir::Log=${join(work, 'apt', 'log')}`,
  ].flatMap((option) => ['-o', option]);
}

// As root, apt downloads under a user of its own, who cannot enter root's cache folder.
const asCaller = ['-o', 'APT::Sandbox::User=root'];

function apt(context: ProvisionContext, command: string, args: string[], cwd: string): Promise<RunResult> {
  const own = command === 'apt-get' ? [...asCaller, ...args] : args;
  const env = joinEnv(context, { LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' });
  return run(command, own, { env, cwd, timeoutMs: 120_000, signal: context.signal });
}

async function must(context: ProvisionContext, command: string, args: string[], cwd: string): Promise<void> {
  const result = await apt(context, command, args, cwd);
  if (!succeeded(result)) throw new Error(`${command} ${args.join(' ')} failed: ${failureOf(result)}`);
}
