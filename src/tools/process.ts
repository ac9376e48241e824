import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type { ProcessId, ProcessMark } from '../kernel/ports.ts';

export type { ProcessId };

export function identify(pid: number): ProcessId {
  return { pid, startTime: startTimeOf(pid) ?? '' };
}

/** Whether this very process still runs. A zombie does not; neither does another one that got its number. */
export function isAlive({ pid, startTime }: ProcessId): boolean {
  const now = startTimeOf(pid);
  return now !== undefined && (startTime === '' || now === startTime);
}

/** How a process is told from any other, here or on another machine. */
export function markOf(pid: number): ProcessMark {
  return { machine: machineId(), pid, startTime: plain(identify(pid).startTime) };
}

/** False also where it cannot be known: of another machine, or of another container. */
export function hasEnded({ machine, pid, startTime }: ProcessMark): boolean {
  if (machine !== machineId()) return false;
  const now = startTimeOf(pid);
  return now === undefined || (startTime !== '' && plain(now) !== startTime);
}

const plain = (startTime: string): string => startTime.replaceAll(/\W/g, '_');

// Containers of one host share its boot, and not its process numbers.
function machineId(): string {
  const boot = readOrUndefined('/proc/sys/kernel/random/boot_id') ?? hostname();
  return createHash('sha256').update(`${boot} ${processNamespace()}`).digest('hex').slice(0, 12);
}

function processNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

function startTimeOf(pid: number): string | undefined {
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
}

/** The letter by which the kernel tells its state (`S` sleeps, `T` is stopped), on Linux; `undefined` where it has ended or is another. */
export function stateOf(id: ProcessId): string | undefined {
  const stat = isAlive(id) ? readOrUndefined(`/proc/${id.pid}/stat`) : undefined;
  return stat === undefined ? undefined : fieldsOf(stat)[0];
}

function fromProc(pid: number): string | undefined {
  const stat = readOrUndefined(`/proc/${pid}/stat`);
  return stat === undefined ? undefined : startTimeIn(stat);
}

/** The start time that a line of `/proc/PID/stat` tells; `undefined` where the process has ended. */
export function startTimeIn(stat: string): string | undefined {
  const fields = fieldsOf(stat);
  const [state] = fields;
  // While other threads of a zombie are ending, its ports are still taken.
  const isOver = state === 'X' || (state === 'Z' && Number(fields[17]) <= 1);
  return isOver ? undefined : fields[19];
}

// The command's name stands in parentheses and may hold spaces and parentheses itself.
const fieldsOf = (stat: string): readonly string[] => stat.slice(stat.lastIndexOf(')') + 2).split(' ');

function fromPs(pid: number): string | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return line === '' || line.startsWith('Z') ? undefined : line.replace(/^\S+\s+/, '');
  } catch {
    return undefined;
  }
}

/**
 * Processes whose environment holds `name=value`, on Linux; nowhere else can it be read.
 * Finds what was started by a run that died before it could write down the number.
 */
export function withEnvironment(name: string, value: string): ProcessId[] {
  if (process.platform !== 'linux') return [];
  const wanted = `${name}=${value}`;
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .filter((entry) => readOrUndefined(`/proc/${entry}/environ`)?.split('\0').includes(wanted))
    .map((entry) => identify(Number(entry)))
    .filter(isAlive);
}

/**
 * Asks a process to end, insists after `graceMs`, and waits until it is gone.
 * @returns whether it is gone.
 */
export async function stopProcess(id: ProcessId, signal: NodeJS.Signals, graceMs: number): Promise<boolean> {
  if (!send(id, signal)) return true;
  if (await gone(id, graceMs)) return true;
  send(id, 'SIGKILL');
  return gone(id, 2_000);
}

function send(id: ProcessId, signal: NodeJS.Signals): boolean {
  if (!isAlive(id)) return false;
  try {
    process.kill(id.pid, signal);
    return true;
  } catch {
    return false;
  }
}

async function gone(id: ProcessId, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (isAlive(id)) {
    if (performance.now() > deadline) return false;
    await new Promise((done) => setTimeout(done, 10));
  }
  return true;
}

function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
