import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { joinEnv } from '../../src/tools/executable.ts';
import { failureOf, run, succeeded } from '../../src/tools/run.ts';
import type { RunResult } from '../../src/tools/run.ts';
import type { ProvisionContext } from '../../src/tools/types.ts';

/** Packages of the distribution that are to be had without installing anything. */
export interface PackageOrder {
  /** Before each line of progress. */
  readonly label: string;
  readonly wanted: readonly string[];
  /** An empty folder; what was in the packages lies in its `root` afterwards. */
  readonly work: string;
}

/**
 * Downloads packages, with those libraries that this machine lacks, and unpacks them.
 * @throws where apt-get or dpkg-deb fails, with its command and last lines.
 * @returns the names of all that were fetched.
 */
export async function fetchPackages(order: PackageOrder, context: ProvisionContext): Promise<string[]> {
  const { label, work } = order;
  const packages = await download(order, context);
  for (const file of readdirSync(work).filter((name) => name.endsWith('.deb'))) {
    context.progress(`${label}: unpacking ${file}`);
    await must(context, 'dpkg-deb', ['-x', join(work, file), join(work, 'root')], work);
  }
  return packages;
}

// First with the machine's own package lists; where it has none, with lists fetched into a private folder.
async function download(order: PackageOrder, context: ProvisionContext): Promise<string[]> {
  const { label, work } = order;
  const first = await tryDownload(order, [], context);
  if (first.ok) return first.packages;
  context.progress(
    `${label}: apt-get has no usable package lists (${first.reason}), fetching them into the cache`,
  );
  const options = privateApt(work);
  await must(context, 'apt-get', [...options, 'update'], work);
  const second = await tryDownload(order, options, context);
  if (second.ok) return second.packages;
  throw new Error(second.reason);
}

type Download =
  | { readonly ok: true; readonly packages: string[] }
  | { readonly ok: false; readonly reason: string };

async function tryDownload(
  { label, wanted, work }: PackageOrder,
  options: string[],
  context: ProvisionContext,
): Promise<Download> {
  const packages = await missingPackages(wanted, work, options, context);
  if (packages === undefined) return { ok: false, reason: `it does not know ${wanted[0]}` };
  context.progress(`${label}: apt-get download ${packages.join(' ')}`);
  const result = await apt(context, 'apt-get', [...options, 'download', ...packages], work);
  return succeeded(result) ? { ok: true, packages } : { ok: false, reason: failureOf(result, 3) };
}

// The closure names half the distribution; only libraries that this machine lacks matter.
async function missingPackages(
  wanted: readonly string[],
  work: string,
  options: string[],
  context: ProvisionContext,
): Promise<string[] | undefined> {
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
