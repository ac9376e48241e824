import { readFileSync } from 'node:fs';

// Linux counts in ticks of 1/100 s on every architecture Node runs on.
const ticksPerSecond = 100;

/** CPU seconds a process used so far, children it waited for not included; `undefined` outside Linux or when it is gone. */
export function cpuSeconds(pid: number): number | undefined {
  const fields = fieldsOf(pid);
  return fields && (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
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
