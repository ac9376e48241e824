import { readdirSync, readFileSync } from 'node:fs';

// Linux counts in ticks of 1/100 s on every architecture Node runs on.
const ticksPerSecond = 100;

/** CPU seconds a process used so far, children it waited for not included; `undefined` outside Linux or when it is gone. */
export function cpuSeconds(pid: number): number | undefined {
  const fields = fieldsOf(pid);
  return fields && (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** Milliseconds that each thread of a process was ready to run and got no processor; `undefined` outside Linux. */
export function cpuWaits(pid: number): ReadonlyMap<number, number> | undefined {
  try {
    const threads = readdirSync(`/proc/${pid}/task`).flatMap((thread) => waitOf(pid, thread));
    return threads.length === 0 ? undefined : new Map(threads);
  } catch {
    return undefined;
  }
}

// A thread may end while we look.
function waitOf(pid: number, thread: string): [number, number][] {
  try {
    const [, nanoseconds] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
    return [[Number(thread), Number(nanoseconds) / 1e6]];
  } catch {
    return [];
  }
}

/** Whether the process is stopped by a signal; `false` outside Linux or when it is gone. */
export function isHeld(pid: number): boolean {
  return fieldsOf(pid)?.[0] === 'T';
}

function fieldsOf(pid: number): readonly string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may itself hold spaces and parentheses.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
