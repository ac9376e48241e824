import { spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { messageOf, SiagaError } from '../../kernel/errors.ts';
import { exit } from '../../kernel/exit.ts';
import type { K6End, K6Run, Launch } from '../../load/ports.ts';
import { cpuSeconds } from './cpu-seconds.ts';
import { environment } from './environment.ts';
import { freePort } from './free-port.ts';
import { Lines } from './lines.ts';
import { RawPoints } from './raw-points.ts';
import { stopOverRest } from './rest.ts';

const patienceMs = 3_000;
type Child = ChildProcessByStdio<null, Readable, Readable>;

/** Starts `k6 run` in a session of its own, its raw points on a pipe: k6 dies with us, whatever happens. */
export async function start(path: string, launch: Launch): Promise<K6Run> {
  const port = await freePort();
  mkdirSync(launch.folder, { recursive: true });
  const child = spawn(path, argumentsOf(launch, port), {
    env: environment(launch.env),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  await spawned(child, path);
  launch.onSpawn(child.pid ?? 0);
  const ended = endOf(child, launch);
  return {
    pid: child.pid ?? 0,
    ended,
    cores: availableParallelism(),
    cpuSeconds: () => cpuSeconds(child.pid ?? 0),
    stop: () => stop(child, port, ended),
  };
}

function argumentsOf(launch: Launch, port: number): string[] {
  const config = join(launch.folder, `${launch.name}.k6.json`);
  writeFileSync(config, `${JSON.stringify(launch.config, null, 2)}\n`);
  return [
    'run',
    ...['--config', config, '--address', `127.0.0.1:${port}`, '--out', 'json=-'],
    ...['--quiet', '--no-color', '--log-output=stderr', '--log-format=json'],
    ...(launch.systemTags ? [`--system-tags=${launch.systemTags.join(',')}`] : []),
    ...(launch.rps === undefined ? [] : ['--rps', String(Math.max(1, Math.floor(launch.rps)))]),
    launch.script,
  ];
}

async function spawned(child: ChildProcess, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) =>
      reject(
        new SiagaError('k6-not-started', {
          what: 'k6 could not be started',
          where: path,
          got: messageOf(cause),
          hint: 'siaga doctor shows where k6 comes from',
          exitCode: exit.inconclusive,
          cause,
        }),
      ),
    );
  });
}

async function endOf(child: Child, launch: Launch): Promise<K6End> {
  const raw = new RawPoints(launch.folder, launch.name);
  const points = new Lines((line) => {
    if (!line.startsWith('{"')) return;
    raw.write(line);
    launch.onPoint(line);
  });
  const log = new Lines((line) => launch.onLog(line));
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => points.push(chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => log.push(chunk));
  raw.onFull(() => child.stdout.pause());
  raw.onDrain(() => child.stdout.resume());
  const how = await new Promise<Pick<K6End, 'code' | 'signal'>>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  points.end();
  log.end();
  return { ...how, ...(await raw.close()) };
}

async function stop(child: Child, port: number, ended: Promise<K6End>): Promise<void> {
  const gone = ended.then(() => true);
  if (!(await stopOverRest(port))) kill(child, 'SIGTERM');
  if (await Promise.race([gone, after(patienceMs)])) return;
  kill(child, 'SIGKILL');
  await gone;
}

// The whole session: what was given as k6 may be a script that runs it.
function kill({ pid, exitCode, signalCode }: Child, signal: NodeJS.Signals): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
  } catch {
    // It went away in between.
  }
}

function after(ms: number): Promise<false> {
  return new Promise((resolve) => setTimeout(resolve, ms, false).unref());
}
