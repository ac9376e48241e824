import { spawn, type ChildProcess } from 'node:child_process';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { messageOf, SiagaError } from '../../kernel/errors.ts';
import { exit } from '../../kernel/exit.ts';
import type { Launch } from '../../load/ports.ts';
import { environment } from './environment.ts';
import type { PointHider } from './hide-points.ts';
import type { RawPoints } from './raw-points.ts';
import { printed } from '../../kernel/printed.ts';

export interface K6Child {
  readonly pid: number;
  /** Settles when the process is gone and everything it wrote was handed over. */
  readonly closed: Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

/** How k6 is called. */
export interface K6Command {
  readonly path: string;
  readonly args: readonly string[];
  readonly hide: PointHider;
  /** What it reads as its script. */
  readonly entry: string;
}

/** Spawns k6 in a session of its own, so that a Ctrl-C of the terminal reaches us and not it. */
export async function spawnK6(
  { path, args, hide, entry }: K6Command,
  launch: Launch,
  raw: RawPoints,
): Promise<K6Child> {
  const child = spawn(path, args, {
    env: environment(launch.env),
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    // What a script opens is relative to where k6 stands when it reads its script from a pipe.
    cwd: dirname(launch.script),
  });
  child.stdin.on('error', () => {}).end(entry);
  const closed = closing(child);
  await begun(child, path);
  launch.onSpawn(child.pid ?? 0);
  const flushPoints = readPoints(child.stdout, launch, { raw, hide });
  const flushLog = readLines(child.stderr, (line) => launch.onLog(line));
  return {
    pid: child.pid ?? 0,
    closed: closed.then((how) => {
      flushPoints();
      flushLog();
      return how;
    }),
  };
}

function closing(child: ChildProcess): K6Child['closed'] {
  return new Promise((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
}

function begun(child: ChildProcess, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) => reject(notStarted(path, cause)));
  });
}

function readPoints(
  stdout: Readable,
  launch: Launch,
  { raw, hide }: { readonly raw: RawPoints; readonly hide: PointHider },
): () => void {
  raw.onFull(() => stdout.pause());
  raw.onDrain(() => stdout.resume());
  return readLines(stdout, (line) => {
    // Anything else is k6's summary or what a script printed.
    if (!line.startsWith('{"')) return;
    const { shown, kept } = hide(line);
    raw.write(kept);
    launch.onPoint(shown);
  });
}

function readLines(stream: Readable, take: (line: string) => void): () => void {
  const lines = new Lines(take);
  stream.setEncoding('utf8').on('data', (chunk: string) => lines.push(chunk));
  return () => lines.end();
}

/** Signals the whole session: what was given as k6 may be a script that runs it. */
export function kill(child: K6Child | undefined, signal: NodeJS.Signals): void {
  if (child === undefined || child.pid === 0) return;
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, signal);
  } catch {
    // It is gone already.
  }
}

function notStarted(path: string, cause: unknown): SiagaError {
  return new SiagaError('k6-not-started', {
    what: 'k6 could not be started',
    where: path,
    got: messageOf(cause),
    hint: `${printed('doctor')} shows where k6 comes from`,
    exitCode: exit.inconclusive,
    cause,
  });
}

/** Cuts chunks of text into lines. A line longer than 1 MiB is dropped: no point and no log line is. */
export class Lines {
  readonly #take: (line: string) => void;
  #rest = '';
  #skipping = false;

  constructor(take: (line: string) => void) {
    this.#take = take;
  }

  push(chunk: string): void {
    const parts = chunk.split('\n');
    const last = parts.pop() ?? '';
    for (const part of parts) this.#complete(part);
    if (!this.#skipping) this.#rest += last;
    if (this.#rest.length > longest) {
      this.#rest = '';
      this.#skipping = true;
    }
  }

  end(): void {
    if (this.#rest !== '') this.#complete('');
  }

  #complete(part: string): void {
    const line = this.#rest + part;
    this.#rest = '';
    if (!this.#skipping && line !== '') this.#take(line);
    this.#skipping = false;
  }
}

const longest = 2 ** 20;
