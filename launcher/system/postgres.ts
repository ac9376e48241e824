import { createHash, randomBytes } from 'node:crypto';
import {
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { SiagaError } from '../../src/kernel/errors.ts';
import { exit } from '../../src/kernel/exit.ts';
import type { Progress } from '../../src/kernel/ports.ts';
import { failureOf, run, succeeded } from '../../src/tools/run.ts';
import type { Provided } from '../../src/tools/types.ts';
import { canTraverse, unprivilegedUser } from './run-as.ts';
import type { User } from './run-as.ts';
import { writePrivately } from './state.ts';
import { makePrivateFolder } from '../../src/tools/private.ts';

export const databaseUser = 'reference';

/** A cluster that is ready to be started. */
export interface Cluster {
  readonly postgres: string;
  readonly dataFolder: string;
  readonly password: string;
  readonly runAs?: User;
}

interface Template {
  readonly binaries: string;
  readonly password: string;
  readonly folder: string;
}

export interface ClusterOrder {
  readonly tool: Provided;
  readonly stateFolder: string;
  readonly progress: Progress;
  /** Environment of the commands that run meanwhile. */
  readonly env: Readonly<Record<string, string>>;
  /** Told what to remove once all is stopped: the data, and all else that lies among temporary files. */
  readonly onFolder: (disposable: string) => void;
}

/**
 * Prepares an empty cluster: initdb runs once per Postgres, each start then begins with a copy of its result,
 * so that nothing of an earlier run is left in it.
 * @throws {SiagaError} `initdb-failed` (exit 3).
 */
export async function prepareCluster(order: ClusterOrder): Promise<Cluster> {
  const { tool, stateFolder } = order;
  const runAs = unprivilegedUser();
  const base = clusterFolder(stateFolder, runAs);
  const dataFolder = join(base, 'data');
  order.onFolder(dirname(base) === stateFolder ? dataFolder : base);
  const binaries = reachable(tool.location, base, runAs);
  const record = join(stateFolder, 'postgres-template.json');
  const key = `${binaries} ${tool.version}`;
  const known = readTemplate(record, key);
  const initdb = initdbOf(binaries, tool);
  const template = known ?? (await makeTemplate({ ...order, base, initdb, key, record, runAs }));
  await copyCluster(template.folder, dataFolder, order.env);
  return { postgres: binaries, dataFolder, password: template.password, ...(runAs ? { runAs } : {}) };
}

function initdbOf(binaries: string, { companions }: Provided): string {
  const beside = join(dirname(binaries), basename(companions?.['initdb'] ?? 'initdb'));
  return existsSync(beside) ? beside : (companions?.['initdb'] ?? beside);
}

export function postgresArguments({ dataFolder }: Cluster, port: number): string[] {
  const place = { listen_addresses: '127.0.0.1', unix_socket_directories: '' };
  return ['-D', dataFolder, '-p', String(port), ...settings(place), ...disposable];
}

const settings = (values: Readonly<Record<string, string>>): string[] =>
  Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);

/** Arguments of a server whose data lives as long as one start: losing it to a power cut costs nothing. */
export const disposable: readonly string[] = settings({
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  shared_buffers: '64MB',
  max_connections: '100',
});

// Beside the state where the other user can get there, in the folder for temporary files otherwise.
function clusterFolder(stateFolder: string, runAs: User | undefined): string {
  const beside = join(stateFolder, 'postgres');
  makePrivateFolder(stateFolder);
  if (!runAs || canTraverse(stateFolder, runAs)) return owned(beside);
  const name = createHash('sha256').update(realpathSync(stateFolder)).digest('hex').slice(0, 12);
  return owned(join(tmpdir(), `siaga-postgres-${name}`));
}

// In a folder that others may write to, somebody else may have been here first.
function owned(folder: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const stat = lstatSync(folder);
  const uid = process.getuid?.();
  if (stat.isDirectory() && (uid === undefined || stat.uid === uid)) return folder;
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

interface TemplateOrder extends ClusterOrder {
  readonly base: string;
  readonly initdb: string;
  readonly key: string;
  readonly record: string;
  readonly runAs: User | undefined;
}

// It counts from the moment its record is written; what a killed run left has no record, and goes.
async function makeTemplate(order: TemplateOrder): Promise<Template> {
  const { base, key, record } = order;
  order.progress('postgres: creating an empty database cluster (once)');
  rmSync(record, { force: true });
  for (const left of readdirSync(base).filter((name) => name.startsWith('template-'))) {
    rmSync(join(base, left), { recursive: true, force: true });
  }
  const folder = join(base, `template-${randomBytes(4).toString('hex')}`);
  const template = { binaries: key, password: randomBytes(18).toString('hex'), folder };
  await runInitdb(template, order);
  writePrivately(record, `${JSON.stringify(template)}\n`);
  return template;
}

async function runInitdb({ folder, password }: Template, { initdb, base, runAs, env }: TemplateOrder) {
  const passwordFile = join(base, 'password');
  mkdirSync(folder, { mode: 0o700 });
  rmSync(passwordFile, { force: true });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (runAs) for (const path of [folder, passwordFile]) chownSync(path, runAs.uid, runAs.gid);
  const access = ['-U', databaseUser, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
  const args = ['-D', folder, ...access, '-E', 'UTF8', '--locale=C', '--no-sync'];
  const result = await run(initdb, args, {
    env: { ...env, LC_ALL: 'C' },
    cwd: base,
    timeoutMs: 60_000,
    ...runAs,
  });
  rmSync(passwordFile, { force: true });
  if (!succeeded(result)) throw initdbFailed(initdb, failureOf(result));
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
async function copyCluster(from: string, to: string, env: ClusterOrder['env']): Promise<void> {
  rmSync(to, { recursive: true, force: true });
  const result = await run('cp', ['-a', from, to], { env, timeoutMs: 60_000 });
  if (!succeeded(result)) throw initdbFailed(`cp -a ${from} ${to}`, failureOf(result));
}
