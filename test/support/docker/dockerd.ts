import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../../src/kernel/errors.ts';
import { fetchPackages } from '../../../launcher/sources/apt.ts';
import { findEngine } from '../../../launcher/containers/engine.ts';
import { provisionContext } from '../../../src/tools/context.ts';
import { onPath } from '../../../src/tools/executable.ts';
import { identify, stopProcess } from '../../../src/tools/process.ts';

/** A Docker engine of its own, in a network of its own: nothing is installed, no rule or route of this machine changes. */
export interface Dockerd extends AsyncDisposable {
  /** As `DOCKER_HOST` has it. */
  readonly address: string;
  /** Words before a command line that is to run in the engine's network. */
  readonly under: readonly string[];
  /** A process in that network. */
  readonly pid: number;
  /** Runs the docker client. */
  docker(args: readonly string[]): string;
}

const context = provisionContext({ env: process.env, cwd: tmpdir(), progress: () => undefined });
const needed = [
  'apt-get',
  'apt-cache',
  'dpkg-deb',
  'dpkg-query',
  'setpriv',
  'unshare',
  'nsenter',
  'ip',
  'tar',
  'ldd',
];

/** An engine, or why there is none to be had here. */
export async function engineOrReason(): Promise<Dockerd | string> {
  return whyNoDockerd() ?? (await startDockerd().catch(messageOf));
}

function whyNoDockerd(): string | undefined {
  if (process.platform !== 'linux') return 'the engine is a Linux program';
  if (process.getuid?.() !== 0) return 'only root may run it';
  const missing = needed.filter((name) => onPath(name, context).length === 0);
  return missing.length === 0 ? undefined : `no ${missing.join(', ')} on PATH`;
}

/** Unpacks the distribution's Docker into a temporary folder and starts it, with the user's own images out of reach. */
async function startDockerd(): Promise<Dockerd> {
  const folder = mkdtempSync(join(tmpdir(), 'siaga-docker-'));
  const work = join(folder, 'work');
  mkdirSync(work);
  await fetchPackages({ label: 'docker', wanted: ['docker.io', 'containerd', 'runc'], work }, context);
  const env = environment(join(work, 'root'));
  const address = `unix://${join(folder, 'docker.sock')}`;
  const words = [...dyingWithUs, 'unshare', ...namespaces, 'sh', '-c', start, 'dockerd'];
  const [command = '', ...rest] = [...words, ...options(folder, address)];
  const child = spawn(command, rest, {
    env,
    stdio: ['ignore', openSync(join(folder, 'log'), 'a'), openSync(join(folder, 'log'), 'a')],
  });
  const shell = identify(child.pid ?? 0);
  try {
    await until(async () => (await findEngine({ DOCKER_HOST: address })).ok, join(folder, 'log'));
  } catch (error) {
    await stopProcess(shell, 'SIGKILL', 1_000);
    throw error;
  }
  const pid = childOf(shell.pid);
  return {
    address,
    pid,
    under: ['nsenter', `--net=/proc/${pid}/ns/net`],
    docker: (args) => {
      const { status, stdout, stderr } = spawnSync('docker', args, {
        env: { ...env, DOCKER_HOST: address },
        encoding: 'utf8',
      });
      if (status !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
      return stdout;
    },
    async [Symbol.asyncDispose]() {
      await stopProcess(identify(pid), 'SIGTERM', 10_000);
      // With it goes its process namespace, and with that whatever a container ran.
      await stopProcess(shell, 'SIGKILL', 1_000);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

// Whoever only lists the tests starts it too, and ends nothing.
const dyingWithUs = ['setpriv', '--pdeathsig', 'KILL'];
const namespaces = '--net --mount --pid --fork --kill-child --mount-proc --propagation private'.split(' ');
const start = 'ip link set lo up && exec dockerd "$@"';

// Published ports need no packet filter: a process of Docker's own passes them on.
function options(folder: string, address: string): string[] {
  const places = { 'data-root': 'data', 'exec-root': 'run', pidfile: 'pid' };
  const paths = Object.entries(places).map(([name, path]) => `--${name}=${join(folder, path)}`);
  return [...paths, `--host=${address}`, '--iptables=false', '--ip6tables=false', '--ip-forward=false'];
}

function environment(root: string): NodeJS.ProcessEnv {
  const libraries = ['lib', 'usr/lib']
    .map((path) => join(root, path))
    .filter((path) => existsSync(path))
    .flatMap((path) => readdirSync(path).map((name) => join(path, name)));
  const PATH = [join(root, 'usr/bin'), join(root, 'usr/sbin'), process.env['PATH']].join(delimiter);
  return { PATH, HOME: root, LD_LIBRARY_PATH: libraries.join(delimiter) };
}

function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);
}

async function until(holds: () => Promise<boolean>, log: string): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`dockerd: ${readFileSync(log, 'utf8').slice(-3_000)}`);
    await sleep(100);
  }
}
