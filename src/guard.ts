import { parseArgs } from 'node:util';
import { createInterface } from 'node:readline';
import { text as readAll } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { replayers } from './adapter/guard/replay/table.ts';
import { systemClock } from './adapter/system.ts';
import type { Draft } from './event/envelope.ts';
import { undoEverything } from './guard/policy.ts';
import { nothing, readyLine, secretsOf, take } from './guard/state.ts';
import type { GuardLine, GuardState } from './guard/state.ts';
import { exit } from './kernel/exit.ts';
import type { ProcessId } from './kernel/ports.ts';
import { isAlive, stopProcess, withEnvironment } from './tools/process.ts';

const { values } = parseArgs({
  options: {
    janitor: { type: 'boolean', default: false },
    toxiproxy: { type: 'string' },
    owner: { type: 'string', default: '' },
    store: { type: 'string' },
    target: { type: 'string', default: '' },
    undo: { type: 'string' },
    file: { type: 'string', default: '' },
    project: { type: 'string', default: '' },
  },
});

if (values.undo !== undefined) await undoOne(values.undo);
else await (values.janitor ? beJanitor() : beGuard());

/** A stranger's code, called by a guard in a process of its own: it ends here whatever that has left running. */
async function undoOne(kind: string): Promise<void> {
  const { undoModule } = await import('./adapter/guard/undo-module.ts');
  let undone = false;
  // Whatever code it ends this process with itself, it has not come to its end.
  process.once('exit', (code) => {
    if (!undone && code === 0) process.exitCode = exit.rollbackFailed;
  });
  try {
    await undoModule(kind, values.file, values.project, JSON.parse(await readAll(process.stdin)));
    undone = true;
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`, () =>
      process.exit(exit.rollbackFailed),
    );
  }
}

async function beJanitor(): Promise<void> {
  if (values.toxiproxy === undefined) {
    process.stderr.write('the janitor needs --toxiproxy URL\n');
    process.exitCode = 2;
    return;
  }
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
  process.stderr.write(`janitor: watching ${values.toxiproxy}\n`);
  const { undoAbandoned } = await import('./adapter/guard/janitor.ts');
  const { toxiproxyFaults } = await import('./adapter/toxiproxy/faults.ts');
  await undoAbandoned(
    toxiproxyFaults(values.toxiproxy),
    (line) => process.stderr.write(`janitor: ${line}\n`),
    stop.signal,
  );
}

async function beGuard(): Promise<void> {
  // The runner may be gone before it reads an answer; a signal meant for the runner is none to its guard.
  process.stdout.on('error', () => undefined);
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
  const { owned, pending, done } = await listen();
  if (done) return;
  await undoEverything(pending, {
    clock: systemClock,
    replayers,
    endChildren: () => endChildren(owned),
    outlast,
    report: (drafts) => record(drafts, secretsOf(pending)),
  });
}

/** What the runner said until its end of the pipe closed; SIGTERM to the guard counts as that end. */
async function listen(): Promise<GuardState> {
  let state = nothing;
  const lines = createInterface({ input: process.stdin });
  process.once('SIGTERM', () => lines.close());
  lines.on('line', (text) => {
    const line = parse(text);
    if (!line) return;
    state = take(state, line);
    if ('ack' in line) process.stdout.write(`${line.ack}\n`);
    // When it is needed there is no time to read modules.
    if (line.kind === 'pending') replayers[line.pending.recipe.replay]?.().catch(() => undefined);
  });
  process.stdout.write(`${readyLine}\n`);
  await new Promise((resolve) => lines.once('close', resolve));
  process.stdin.destroy();
  return state;
}

// A line cut off by the runner's death says nothing.
function parse(text: string): GuardLine | undefined {
  try {
    return JSON.parse(text) as GuardLine;
  } catch {
    return undefined;
  }
}

async function endChildren(owned: readonly ProcessId[]): Promise<void> {
  const graceMs = 500;
  await Promise.all(owned.map((child) => stopProcess(child, 'SIGTERM', graceMs)));
  // Those the runner had no time to announce.
  const unannounced = withEnvironment('SIAGA_OWNER', values.owner);
  await Promise.all(unannounced.map((child) => stopProcess(child, 'SIGTERM', graceMs)));
}

async function outlast(id: ProcessId, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (isAlive(id) && performance.now() < deadline) await sleep(20);
  if (isAlive(id)) endGroup(id);
}

function endGroup({ pid }: ProcessId): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

/** Loaded only now: the guard must be up at once, and writing comes after undoing. */
async function record(drafts: readonly Draft[], secrets: readonly string[]): Promise<void> {
  if (values.store === undefined || drafts.length === 0) return;
  try {
    const { recordDone } = await import('./adapter/guard/record.ts');
    const { store: path, target, owner: run } = values;
    recordDone({ path, target, run, secrets }, drafts);
  } catch {
    // What was left is undone; a store that cannot be written must not keep the guard.
  }
}
