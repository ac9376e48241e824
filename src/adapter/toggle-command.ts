import { type ChildProcess, spawn } from 'node:child_process';
import { SiagaError } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';
import { formatMs } from '../kernel/duration.ts';
import { redactor } from '../kernel/redact.ts';

const keptOutput = 2_000;

export interface CommandOptions {
  /** Program and arguments; no shell reads them. */
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Told of the process the moment it exists, so that a guard can own it. */
  readonly onSpawn?: ((pid: number) => void) | undefined;
  readonly secrets?: readonly string[] | undefined;
  /** What it is for, in words. Default: `applies toggles`. */
  readonly purpose?: string;
  /** Given on its standard input. Default: nothing. */
  readonly input?: string;
}

/**
 * Runs a command to its end, in a process group of its own that ends with the timeout or the signal.
 * @throws {SiagaError} `toggle-command-failed` (exit 3); the signal's reason where that ended it.
 */
export async function runCommand(options: CommandOptions): Promise<void> {
  const { command, timeoutMs, signal, purpose = 'applies toggles' } = options;
  signal?.throwIfAborted();
  const child = start(options);
  const output = collect(child);
  const end = () => endGroup(child);
  const timer = setTimeout(end, timeoutMs);
  signal?.addEventListener('abort', end, { once: true });
  try {
    const ending = await endingOf(child);
    signal?.throwIfAborted();
    if (ending === 0) return;
    const clean = redactor(options.secrets ?? []);
    throw new SiagaError('toggle-command-failed', {
      what: `the command that ${purpose} failed`,
      where: clean(command.join(' ')),
      got: [ending ?? `still running after ${formatMs(timeoutMs)}`, clean(output()).slice(-keptOutput)]
        .join('\n')
        .trim(),
      allowed: `exit code 0 within ${formatMs(timeoutMs)}`,
      exitCode: exit.inconclusive,
    });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
  }
}

function start({ command, cwd, env, onSpawn, input }: CommandOptions): ChildProcess {
  const [program = '', ...args] = command;
  const stdin = input === undefined ? 'ignore' : 'pipe';
  const child = spawn(program, args, { cwd, env, detached: true, stdio: [stdin, 'pipe', 'pipe'] });
  if (child.pid !== undefined) onSpawn?.(child.pid);
  // One that ends without reading says so by its exit code.
  child.stdin?.on('error', () => undefined).end(input);
  return child;
}

function collect({ stdout, stderr }: ChildProcess): () => string {
  let text = '';
  for (const stream of [stdout, stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      // Twice as much as is reported: what is cut off may be the beginning of a secret.
      text = (text + chunk).slice(-2 * keptOutput);
    });
  }
  return () => text;
}

/** The exit code, why it could not start, or `undefined` where a signal ended it. */
function endingOf(child: ChildProcess): Promise<number | string | undefined> {
  return new Promise((resolve) => {
    child.once('error', ({ message }) => resolve(message));
    // Not `close`: what the command left running may hold its pipes open.
    child.once('exit', (code) => resolve(code === null ? undefined : code === 0 ? 0 : `exit code ${code}`));
  });
}

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
