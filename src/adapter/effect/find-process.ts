import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { SiagaError } from '../../kernel/errors.ts';
import { exit } from '../../kernel/exit.ts';
import type { BreakableProcess } from '../../chaos/ports.ts';
import type { ProcessId } from '../../kernel/ports.ts';
import { identify, isAlive } from '../../tools/process.ts';

/**
 * The one process that is meant, on Linux.
 * @throws {SiagaError} `no-process` (exit 3) where it is not there or it is not certain which it is; `not-a-target` (exit 2) where it is Siaga itself.
 */
export function findProcess(place: BreakableProcess): ProcessId {
  const pids = place.pidFile === undefined ? listenersAt(place) : [numberIn(place.pidFile, place)];
  const [pid, ...others] = pids;
  if (pid === undefined) throw none(place, 'no process listens there that this user can see');
  if (others.length > 0) throw none(place, `${pids.length} processes listen there: ${pids.join(', ')}`);
  if (ownLine().includes(pid)) throw ourselves(place, pid);
  const found = identify(pid);
  // Without its start it could not be told from a later one with its number.
  if (found.startTime === '' || !isAlive(found)) throw none(place, `process ${pid} does not run`);
  return found;
}

function numberIn(file: string, place: BreakableProcess): number {
  const text = readOr(file)?.trim() ?? '';
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw none(place, text === '' ? `nothing can be read in ${file}` : `no process number in ${file}`);
}

/** Processes of which a socket listens at this port of loopback, or of every interface. */
function listenersAt({ address }: BreakableProcess): readonly number[] {
  const port = Number(/:(\d+)$/.exec(address)?.[1]);
  const sockets = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listening(table, port)));
  if (sockets.size === 0) return [];
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => socketsOf(pid).some((socket) => sockets.has(socket)));
}

const listenState = '0A';

/** Inodes of the sockets that listen at a port. */
function listening(table: string, port: number): readonly string[] {
  return (readOr(table) ?? '').split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
    const at = Number.parseInt(local.split(':')[1] ?? '', 16);
    return state === listenState && at === port ? [inode] : [];
  });
}

function socketsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => socketAt(`/proc/${pid}/fd/${fd}`));
  } catch {
    // Somebody else's, or gone.
    return [];
  }
}

function socketAt(path: string): readonly string[] {
  try {
    const [, inode] = /^socket:\[(\d+)\]$/.exec(readlinkSync(path)) ?? [];
    return inode === undefined ? [] : [inode];
  } catch {
    return [];
  }
}

/** This process and those that it lives under: who stops one of them stops Siaga. */
function ownLine(): readonly number[] {
  const line: number[] = [1];
  for (let pid = process.pid; pid > 1 && !line.includes(pid); pid = parentOf(pid)) line.push(pid);
  return line;
}

function parentOf(pid: number): number {
  const stat = readOr(`/proc/${pid}/stat`) ?? '';
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 1);
}

function readOr(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function none({ name, address, pidFile }: BreakableProcess, got: string): SiagaError {
  return new SiagaError('no-process', {
    what: `the process ${name} of the target cannot be identified`,
    where: pidFile ?? address,
    got,
    allowed: 'one process, on this machine under Linux, that this user may signal',
    hint: 'say which it is in siaga.config.ts: processes.NAME.address, or processes.NAME.pidFile',
    exitCode: exit.inconclusive,
  });
}

function ourselves({ name, address, pidFile }: BreakableProcess, pid: number): SiagaError {
  return new SiagaError('not-a-target', {
    what: `the process ${name} is Siaga itself, or one under which it runs`,
    where: pidFile ?? address,
    got: `process ${pid}`,
    allowed: 'a process of the target',
    exitCode: exit.usage,
  });
}
