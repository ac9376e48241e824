import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

export interface RunningCommand {
  /** Resolves with how it ended: `exit code 1`, `SIGTERM`. */
  readonly ended: Promise<string>;
  /** SIGTERM to its whole process group, SIGKILL after 5 s. */
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly command: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onSpawn: (pid: number) => void;
}

/** Starts a command line in a shell and a process group of its own; what it prints goes to our stderr. */
export function startCommand({ command, cwd, env, onSpawn }: StartOptions): RunningCommand {
  const child = spawn(command, { cwd, env, shell: true, detached: true, stdio: ['ignore', 2, 2] });
  if (child.pid !== undefined) onSpawn(child.pid);
  const ended = endOf(child);
  return {
    ended,
    async stop() {
      signalGroup(child, 'SIGTERM');
      const patience = new AbortController();
      await Promise.race([
        ended,
        delay(5_000, undefined, { signal: patience.signal }).catch(() => undefined),
      ]);
      patience.abort();
      signalGroup(child, 'SIGKILL');
    },
  };
}

async function endOf(child: ChildProcess): Promise<string> {
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    return signal ?? `exit code ${code}`;
  } catch (error) {
    return String(error);
  }
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It is gone already.
  }
}
