import { chmodSync, cpSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { entryName, fillCache, lookInCache } from '../../src/tools/cache.ts';
import type { Entry, Made } from '../../src/tools/cache.ts';
import { containerSource } from '../containers/source.ts';
import { givenUnusable, joinEnv, onPath, pathSource } from '../../src/tools/executable.ts';
import type { Probe, ProbeExecutable } from '../../src/tools/executable.ts';
import { readGivenUrl } from './given-url.ts';
import { failureOf, run, succeeded } from '../../src/tools/run.ts';
import { absent } from '../../src/tools/types.ts';
import type { Look, ProvisionContext, Source, Tool } from '../../src/tools/types.ts';
import { describeRange, inRange } from '../../src/tools/versions.ts';
import { versions } from './versions.ts';
import { greetPostgres } from './wire.ts';

const { postgres: range } = versions;

const probe: ProbeExecutable = async (path, context): Promise<Probe> => {
  const version = await versionOf(path, context);
  if (!version.ok) return version;
  if (!inRange(version.text, range)) {
    return { ok: false, reason: `version ${version.text}, ${describeRange(range)} is needed` };
  }
  const initdb = [join(dirname(path), 'initdb'), ...onPath('initdb', context)].find((file) =>
    existsSync(file),
  );
  return initdb === undefined
    ? { ok: false, reason: 'it has no initdb beside it or on PATH' }
    : { ok: true, found: { location: path, version: version.text, companions: { initdb } } };
};

type VersionAnswer =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string };

async function versionOf(path: string, context: ProvisionContext): Promise<VersionAnswer> {
  const asked = await run(path, ['--version'], { env: joinEnv(context), timeoutMs: 10_000 });
  const text = /^postgres \(PostgreSQL\) (\d+(?:\.\d+)*)/m.exec(asked.stdout)?.[1];
  return succeeded(asked) && text !== undefined
    ? { ok: true, text }
    : { ok: false, reason: `it does not answer "--version" as postgres does (${failureOf(asked, 2)})` };
}

const given: Source = {
  name: 'given',
  look: async (context) => {
    const value = context.env['SIAGA_POSTGRES_URL'];
    return value ? lookAtServer(value) : absent('SIAGA_POSTGRES_URL is not set');
  },
};

async function lookAtServer(value: string): Promise<Look> {
  const variable = 'SIAGA_POSTGRES_URL';
  const { url, address } = readGivenUrl(variable, value, ['postgres:', 'postgresql:'], 5_432);
  const answer = await greetPostgres(address, url.username || 'postgres', 5_000);
  if (answer.ok) return { kind: 'found', found: { location: value, version: 'unknown' } };
  throw givenUnusable(variable, `${address.host}:${address.port}`, answer.reason);
}

interface Packaged {
  readonly folder: string;
  readonly version: string;
}

// npm runs no install script of this package, so its binaries lie there without their symbolic links.
function packaged(context: ProvisionContext): Packaged | undefined {
  const name = `${range.package}/${context.platform === 'win32' ? 'windows' : context.platform}-${context.arch}`;
  for (const from of ['launcher', '.']) {
    const require = createRequire(join(context.root, from, 'package.json'));
    const main = resolveOrUndefined(require, name);
    if (main !== undefined) return readPackage(dirname(dirname(main)));
  }
  return undefined;
}

function resolveOrUndefined(require: NodeJS.Require, name: string): string | undefined {
  try {
    return require.resolve(name);
  } catch {
    return undefined;
  }
}

function readPackage(folder: string): Packaged {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  return { folder, version };
}

function entryOf(version: string, context: ProvisionContext): Entry {
  const complete = (folder: string) => ({ companions: { initdb: join(folder, binary('initdb', context)) } });
  return { tool: 'postgres', name: entryName('postgres', version, context), complete };
}

function binary(name: string, { platform }: ProvisionContext): string {
  return join('bin', platform === 'win32' ? `${name}.exe` : name);
}

const noPackage = 'the workspace launcher/ has no embedded Postgres for this platform (npm ci installs it)';

const cached: Source = {
  name: 'cache',
  look: async (context) => {
    const found = packaged(context);
    return found ? lookInCache(entryOf(found.version, context), context) : absent(noPackage);
  },
};

const embedded: Source = {
  name: 'embedded',
  look: async (context) => {
    const found = packaged(context);
    return found ? { kind: 'obtainable', how: `copy ${found.folder} into the cache` } : absent(noPackage);
  },
  obtain: async (context) => {
    const found = packaged(context);
    if (!found) throw new Error(noPackage);
    return fillCache(entryOf(found.version, context), context, (folder) => unpack(found, folder, context));
  },
};

async function unpack(source: Packaged, folder: string, context: ProvisionContext): Promise<Made> {
  context.progress(`postgres: copying version ${source.version} from ${source.folder}`);
  const native = join(source.folder, 'native');
  cpSync(native, folder, { recursive: true, verbatimSymlinks: true });
  linkLibraries(native, folder);
  for (const name of ['postgres', 'initdb', 'pg_ctl']) chmodSync(join(folder, binary(name, context)), 0o755);
  const version = await versionOf(join(folder, binary('postgres', context)), context);
  if (!version.ok) throw new Error(version.reason);
  return {
    version: version.text,
    main: binary('postgres', context),
    origin: `npm package ${source.version}`,
  };
}

function linkLibraries(native: string, folder: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(folder, relative('native', target));
    if (!existsSync(link)) symlinkSync(relative(dirname(target), source), link);
  }
}

export const postgres: Tool = {
  name: 'postgres',
  sources: [given, pathSource(['postgres'], probe), cached, containerSource('postgres'), embedded],
  hint: 'run npm ci in the checkout, install Postgres, or set SIAGA_POSTGRES_URL to a running server',
};
