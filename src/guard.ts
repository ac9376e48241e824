import { parseArgs } from 'node:util';
import { createInterface } from 'node:readline';
import { keepClean } from './adapter/guard/janitor.ts';
import { nothing, readyLine, take } from './adapter/guard/protocol.ts';
import type { Charge, GuardLine } from './adapter/guard/protocol.ts';
import { draftOf, undoEverything } from './adapter/guard/undo.ts';
import type { GuardUndone } from './adapter/guard/undo.ts';
import type { Undone } from './effect/contract.ts';
import type { Pending } from './effect/recipe.ts';
import type { Draft } from './event/envelope.ts';
import { toxiproxyFaults } from './adapter/toxiproxy/faults.ts';
import type { ToggleWay } from './toggle/way.ts';

const { values } = parseArgs({
  options: {
    janitor: { type: 'boolean', default: false },
    toxiproxy: { type: 'string' },
    owner: { type: 'string', default: '' },
    store: { type: 'string' },
    target: { type: 'string', default: '' },
  },
});

await (values.janitor ? beJanitor() : beGuard());

async function beJanitor(): Promise<void> {
  if (values.toxiproxy === undefined) {
    process.stderr.write('the janitor needs --toxiproxy URL\n');
    process.exitCode = 2;
    return;
  }
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
  process.stderr.write(`janitor: watching ${values.toxiproxy}\n`);
  await keepClean(
    toxiproxyFaults(values.toxiproxy),
    (line) => process.stderr.write(`janitor: ${line}\n`),
    stop.signal,
  );
}

async function beGuard(): Promise<void> {
  // The runner may be gone before it reads an answer; a signal meant for the runner is none to its guard.
  process.stdout.on('error', () => undefined);
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
  const charge = await listen();
  if (charge.done) return;
  const told = new Set<GuardUndone>();
  await undoEverything(charge, values.owner, {
    others: replayPending(charge),
    onFaults: async (reports) => {
      const news = reports.filter((report) => !told.has(report));
      for (const report of news) told.add(report);
      await record(charge, news.map(draftOf));
    },
    toggles:
      charge.toggles.changes.size === 0
        ? undefined
        : async () => {
            const { putTogglesBack } = await import('./adapter/guard/toggles.ts');
            await record(charge, await putTogglesBack(charge.toggles));
          },
  });
}

async function replayPending(charge: Charge): Promise<void> {
  if (charge.pending.length === 0) return;
  const { replay } = await import('./adapter/guard/replay.ts');
  await Promise.all(
    charge.pending.map(async (pending) => record(charge, [replayed(pending, await replay(pending.recipe))])),
  );
}

function replayed({ fault, subject: proxy }: Pending, undone: Undone): Draft {
  return undone.done
    ? { type: 'fault.removed', data: { fault, proxy, by: 'guard', rung: undone.rung } }
    : { type: 'fault.stuck', data: { fault, proxy, tried: undone.tried } };
}

/** What the runner said until its end of the pipe closed; SIGTERM to the guard counts as that end. */
async function listen(): Promise<Charge> {
  let charge = nothing;
  const lines = createInterface({ input: process.stdin });
  process.once('SIGTERM', () => lines.close());
  lines.on('line', (text) => {
    const line = parse(text);
    if (!line) return;
    charge = take(charge, line);
    if ('ack' in line) process.stdout.write(`${line.ack}\n`);
  });
  process.stdout.write(`${readyLine}\n`);
  await new Promise((resolve) => lines.once('close', resolve));
  process.stdin.destroy();
  return charge;
}

// A line cut off by the runner's death says nothing.
function parse(text: string): GuardLine | undefined {
  try {
    return JSON.parse(text) as GuardLine;
  } catch {
    return undefined;
  }
}

/** Loaded only now: the guard must be up at once, and writing comes after undoing. */
async function record(charge: Charge, drafts: readonly Draft[]): Promise<void> {
  const run = charge.watched.at(-1)?.run;
  if (values.store === undefined || run === undefined || drafts.length === 0) return;
  try {
    const { recordDone } = await import('./adapter/guard/record.ts');
    const { store: path, target } = values;
    recordDone({ path, target, run, secrets: secretsOf(charge.toggles.way) }, drafts);
  } catch {
    // What was left is undone; a store that cannot be written must not keep the guard.
  }
}

// The only things a guard is told that may not be written down.
function secretsOf(way: ToggleWay | undefined): readonly string[] {
  if (way === undefined) return [];
  const { read, change } = way;
  return [
    ...(read.bearer === undefined ? [] : [read.bearer]),
    ...(change.kind === 'command' ? change.secrets : []),
  ];
}
