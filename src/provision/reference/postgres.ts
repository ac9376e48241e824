import { createHash, randomBytes } from 'node:crypto';
import {
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { SiagaError } from '../../kernel/errors.ts';
import { exit } from '../../kernel/exit.ts';
import type { Progress } from '../../kernel/ports.ts';
import { failureOf, run, succeeded } from '../run.ts';
import type { Provided } from '../types.ts';
import { canTraverse, unprivilegedUser } from './run-as.ts';
import type { User } from './run-as.ts';
import { writePrivately } from './state.ts';

export const databaseUser = 'reference';

/** A cluster that is ready to be started. */
export interface Cluster {
  readonly postgres: string;
  readonly dataFolder: string;
  /** What to remove once it is stopped: the data, and all else that lies among other people's temporary files. */
  readonly disposable: string;
  readonly password: string;
  readonly runAs?: User;
}

interface Template {
  readonly binaries: string;
  readonly password: string;
  readonly folder: string;
}

/**
 * Prepares an empty cluster: initdb runs once per Postgres, each start then begins with a copy of its result,
 * so that nothing of an earlier run is left in it.
 * @throws {SiagaError} `initdb-failed` (exit 3).
 */
export async function prepareCluster(
  tool: Provided,
  stateFolder: string,
  progress: Progress,
): Promise<Cluster> {
  const runAs = unprivilegedUser();
  const base = clusterFolder(stateFolder, runAs);
  const binaries = reachable(tool.location, base, runAs);
  const initdb = initdbOf(binaries, tool);
  const record = join(stateFolder, 'postgres-template.json');
  const key = `${binaries} ${tool.version}`;
  const template =
    readTemplate(record, key) ?? (await makeTemplate({ base, initdb, key, record, runAs, progress }));
  const dataFolder = join(base, 'data');
  const disposable = dirname(base) === stateFolder ? dataFolder : base;
  await copyCluster(template.folder, dataFolder);
  const { password } = template;
  return { postgres: binaries, dataFolder, disposable, password, ...(runAs ? { runAs } : {}) };
}

function initdbOf(binaries: string, { companions }: Provided): string {
  const beside = join(dirname(binaries), basename(companions?.['initdb'] ?? 'initdb'));
  return existsSync(beside) ? beside : (companions?.['initdb'] ?? beside);
}

export function postgresArguments({ dataFolder }: Cluster, port: number): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    // The data lives as long as one start: losing it to a power cut costs nothing.
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    shared_buffers: '64MB',
    max_connections: '100',
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return ['-D', dataFolder, '-p', String(port), ...options];
}

// Beside the state where the other user can get there, in the folder for temporary files otherwise.
function clusterFolder(stateFolder: string, runAs: User | undefined): string {
  const beside = join(stateFolder, 'postgres');
  mkdirSync(stateFolder, { recursive: true });
  if (!runAs || canTraverse(stateFolder, runAs)) return owned(beside, runAs);
  const name = createHash('sha256').update(realpathSync(stateFolder)).digest('hex').slice(0, 12);
  return owned(join(tmpdir(), `siaga-postgres-${name}`), runAs);
}

// In a folder that others may write to, somebody else may have been here first.
function owned(folder: string, runAs: User | undefined): string {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const stat = lstatSync(folder);
  const uid = process.getuid?.();
  if (stat.isDirectory() && (uid === undefined || stat.uid === uid || stat.uid === runAs?.uid)) return folder;
  throw new SiagaError('cluster-folder-foreign', {
    what: 'the folder for Postgres belongs to somebody else',
    where: folder,
    hint: 'remove it, or run from a project folder that every user can enter',
    exitCode: exit.inconclusive,
  });
}

// The binaries of a cache in root's home cannot be run by anybody else, so they are copied once.
function reachable(location: string, base: string, runAs: User | undefined): string {
  const real = realpathSync(location);
  if (!runAs || canTraverse(dirname(real), runAs)) return real;
  const tree = dirname(dirname(real));
  const copy = join(base, `binaries-${basename(tree)}`);
  if (!existsSync(copy)) {
    const partial = `${copy}.partial`;
    rmSync(partial, { recursive: true, force: true });
    cpSync(tree, partial, { recursive: true, verbatimSymlinks: true });
    renameSync(partial, copy);
  }
  return join(copy, basename(dirname(real)), basename(real));
}

function readTemplate(record: string, key: string): Template | undefined {
  try {
    const template = JSON.parse(readFileSync(record, 'utf8')) as Template;
    return template.binaries === key && existsSync(join(template.folder, 'PG_VERSION'))
      ? template
      : undefined;
  } catch {
    return undefined;
  }
}

interface TemplateOrder {
  readonly base: string;
  readonly initdb: string;
  readonly key: string;
  readonly record: string;
  readonly runAs: User | undefined;
  readonly progress: Progress;
}

async function makeTemplate({
  base,
  initdb,
  key,
  record,
  runAs,
  progress,
}: TemplateOrder): Promise<Template> {
  progress('postgres: creating an empty database cluster (once)');
  const template = {
    binaries: key,
    password: randomBytes(18).toString('hex'),
    folder: join(base, 'template'),
  };
  const passwordFile = join(base, 'password');
  rmSync(template.folder, { recursive: true, force: true });
  mkdirSync(template.folder, { mode: 0o700 });
  writeFileSync(passwordFile, template.password, { mode: 0o600 });
  if (runAs) for (const path of [template.folder, passwordFile]) chownSync(path, runAs.uid, runAs.gid);
  const access = ['-U', databaseUser, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
  const args = ['-D', template.folder, ...access, '-E', 'UTF8', '--locale=C', '--no-sync'];
  const env = { PATH: '/bin:/usr/bin', LC_ALL: 'C' };
  const result = await run(initdb, args, { env, cwd: base, timeoutMs: 60_000, ...runAs });
  rmSync(passwordFile, { force: true });
  if (!succeeded(result)) throw initdbFailed(initdb, failureOf(result));
  writePrivately(record, `${JSON.stringify(template)}\n`);
  return template;
}

function initdbFailed(initdb: string, got: string): SiagaError {
  return new SiagaError('initdb-failed', {
    what: 'the database cluster could not be created',
    where: initdb,
    got,
    hint: 'set SIAGA_POSTGRES_URL to use a running Postgres instead',
    exitCode: exit.inconclusive,
  });
}

// `cp` keeps owner and modes, and shares blocks where the file system can.
async function copyCluster(from: string, to: string): Promise<void> {
  rmSync(to, { recursive: true, force: true });
  const result = await run('cp', ['-a', from, to], { env: { PATH: '/bin:/usr/bin' }, timeoutMs: 60_000 });
  if (!succeeded(result)) throw initdbFailed(`cp -a ${from} ${to}`, failureOf(result));
}
