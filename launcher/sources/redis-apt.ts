import { chmodSync, copyFileSync, mkdirSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fetchPackages } from './apt.ts';
import { entryName, fillCache, lookInCache } from '../../src/tools/cache.ts';
import type { Entry, Made } from '../../src/tools/cache.ts';
import { joinEnv, onPath } from '../../src/tools/executable.ts';
import { failureOf, run } from '../../src/tools/run.ts';
import { absent } from '../../src/tools/types.ts';
import type { Found, ProvisionContext, Source } from '../../src/tools/types.ts';
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
  const packages = await fetchPackages({ label: 'redis', wanted: versions.redis.packages, work }, context);
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
