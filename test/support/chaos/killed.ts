import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Catalogue, EventType } from '../../../src/event/catalogue.ts';
import type { SiagaEvent } from '../../../src/event/envelope.ts';
import { openStore } from '../../../src/store/store.ts';

const killable = fileURLToPath(new URL('killable.ts', import.meta.url));

/** The payloads of the events of one type. */
export function told<T extends EventType>(events: readonly SiagaEvent[], type: T): readonly Catalogue[T][] {
  return events.flatMap((event) => (event.type === type ? [event.data as Catalogue[T]] : []));
}

/** Runs `killable` until it prints this line, and kills it so long after. */
export async function killAt(line: string, ms: number, args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [killable, ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const text of createInterface({ input: child.stdout })) {
    if (text !== line) continue;
    await new Promise((resolve) => setTimeout(resolve, ms));
    process.kill(-(child.pid ?? 0), 'SIGKILL');
    return;
  }
  throw new Error(`the runner ended before ${line}`);
}

/** What was undone of a run, as its store has it. */
export function removedIn(path: string, run: string): readonly Catalogue['fault.removed'][] {
  const store = openStore(path);
  try {
    return told(store.read({ run }), 'fault.removed');
  } finally {
    store.close();
  }
}
