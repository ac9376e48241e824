import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { SiagaError, messageOf } from '../../kernel/errors.ts';
import { moduleUrl } from '../../kernel/place.ts';
import type { Guard } from '../../effect/contract.ts';
import { identify } from '../../tools/process.ts';
import { readyLine } from '../../guard/state.ts';
import type { GuardLine } from '../../guard/state.ts';

export interface GuardOptions {
  /** `SIAGA_OWNER` of the children; the run's id. */
  readonly owner: string;
  /** Where the guard writes what it did, should it have to. Default: nowhere. */
  readonly store?: { readonly path: string; readonly target: string };
  readonly env: NodeJS.ProcessEnv;
}

const answerMs = 10_000;

/**
 * Starts the guard in a session of its own, so that no signal to the runner's process group reaches it, and waits
 * until it listens. It learns of the runner's death from the end of its standard input.
 * @throws {SiagaError} `no-guard` (exit 3) where it does not come up.
 */
export async function startGuard(options: GuardOptions): Promise<Guard> {
  const child = launch(options);
  const lost = new AbortController();
  const acks = readAcks(child, lost);
  await acks.wait(readyLine);
  let next = 0;
  const outstanding = new Set<string>();
  const send = (line: GuardLine) => void child.stdin?.write(`${JSON.stringify(line)}\n`);
  const ask = async (line: (ack: number) => GuardLine) => {
    const ack = ++next;
    send(line(ack));
    await acks.wait(String(ack));
  };
  return {
    owner: options.owner,
    pid: child.pid,
    lost: lost.signal,
    own: (pid) => send({ kind: 'own', ...identify(pid) }),
    pending(pending) {
      if (pending.order !== 'last') outstanding.add(pending.id);
      return ask((ack) => ({ kind: 'pending', pending, ack }));
    },
    settled(id) {
      outstanding.delete(id);
      send({ kind: 'settled', id });
    },
    done: () => (outstanding.size === 0 ? dismiss(child, acks) : leaveBehind(child)),
  };
}

function launch({ owner, store, env }: GuardOptions): ChildProcess {
  const { SIAGA_OWNER: _, ...inherited } = env;
  const kept = store === undefined ? [] : ['--store', store.path, '--target', store.target];
  const child = spawn(process.execPath, [fileURLToPath(moduleUrl('guard')), '--owner', owner, ...kept], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
    env: inherited,
  });
  // A guard that died is told by `lost`, not by the pipe to it.
  child.stdin?.on('error', () => undefined);
  child.on('error', () => undefined);
  return child;
}

function readAcks(child: ChildProcess, lost: AbortController) {
  const seen = new Set<string>();
  const waiting = new Map<string, () => void>();
  if (child.stdout) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      seen.add(line);
      waiting.get(line)?.();
    });
  }
  child.on('close', () => {
    lost.abort(new Error('the guard ended'));
    for (const wake of waiting.values()) wake();
  });
  const wait = async (line: string) => {
    if (!seen.has(line) && !lost.signal.aborted) await heard(waiting, line);
    if (!seen.has(line))
      throw noGuard(lost.signal.aborted ? messageOf(lost.signal.reason) : 'it did not answer');
  };
  return { wait, gone: lost.signal };
}

function heard(waiting: Map<string, () => void>, line: string): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, answerMs);
    waiting.set(line, () => {
      clearTimeout(timer);
      waiting.delete(line);
      resolve();
    });
  });
}

async function dismiss(child: ChildProcess, acks: { readonly gone: AbortSignal }): Promise<void> {
  if (acks.gone.aborted) return;
  const gone = new Promise((resolve) => acks.gone.addEventListener('abort', resolve));
  child.stdin?.end(`${JSON.stringify({ kind: 'done' } satisfies GuardLine)}\n`);
  await gone;
}

// What could not be undone is the guard's now: it goes on trying after this process has ended.
async function leaveBehind(child: ChildProcess): Promise<void> {
  child.stdin?.end();
  child.stdout?.destroy();
  child.unref();
}

function noGuard(why: string): SiagaError {
  return new SiagaError('no-guard', {
    what: 'the guard, which undoes faults should this process die, is not there',
    got: why,
    allowed: 'a running guard: without it nothing is broken on purpose',
    exitCode: 3,
  });
}
