import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const keptOutput = 65_536;
const keptErrors = 1_000;
/** How long what it left running may take to end by itself. */
const graceMs = 200;

export interface CommandOptions {
  /** Program and arguments; no shell reads them. */
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Told of the process the moment it exists, so that a guard can own it. */
  readonly onSpawn: (pid: number) => void;
}

/**
 * What a project's own command prints, in a process group of its own that ends with it, with the time or with the signal.
 * Rejects with what is wrong: it could not start, its exit code, that it takes too long or left a process behind.
 */
export async function outputOf(options: CommandOptions): Promise<string> {
  const { command, cwd, env, timeoutMs, signal, onSpawn } = options;
  signal.throwIfAborted();
  const [program = '', ...args] = command;
  const child = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  if (child.pid !== undefined) onSpawn(child.pid);
  const [output, errors] = [beginningOf(child.stdout, keptOutput), beginningOf(child.stderr, keptErrors)];
  const end = (): void => endGroup(child);
  const timer = setTimeout(end, timeoutMs);
  signal.addEventListener('abort', end, { once: true });
  const began = performance.now();
  try {
    const ending = await endingOf(child);
    signal.throwIfAborted();
    if (performance.now() - began >= timeoutMs) throw new Error(`no answer within ${timeoutMs / 1_000} s`);
    if (ending !== 0)
      throw new Error([ending, errors().trim().split('\n').at(-1)].filter(Boolean).join(': '));
    if (!(await isAlone(child))) throw new Error('it left a process behind, which was ended');
    return output();
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
    end();
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

function beginningOf(stream: NodeJS.ReadableStream, most: number): () => string {
  let text = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    if (text.length < most) text += chunk.slice(0, most - text.length);
  });
  return () => text;
}

// Where it ends well, all that it printed has been read; else what it left running may hold its pipes open.
async function endingOf(child: ChildProcess): Promise<number | string> {
  try {
    const closed = new Promise((done) => child.once('close', done));
    const [code, by] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    if (code === 0) await Promise.race([closed, delay(graceMs)]);
    return code === 0 ? 0 : (by ?? `exit code ${code}`);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function isAlone({ pid = 0 }: ChildProcess): Promise<boolean> {
  const until = performance.now() + graceMs;
  while (isGroupAlive(pid)) {
    if (performance.now() > until) return false;
    await delay(10);
  }
  return true;
}

/** Whether anything in a process group still runs. A zombie does not. */
export function isGroupAlive(group: number): boolean {
  try {
    process.kill(-group, 0);
  } catch {
    return false;
  }
  if (process.platform !== 'linux') return true;
  return readdirSync('/proc').some((entry) => /^\d+$/.test(entry) && isIn(entry, group));
}

function isIn(pid: string, group: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name stands in parentheses and may hold spaces and parentheses itself.
    const [state, , found] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(found) === group && state !== 'Z' && state !== 'X';
  } catch {
    return false;
  }
}

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
