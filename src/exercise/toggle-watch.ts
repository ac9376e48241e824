import type { ToggleRead } from '../event/toggles.ts';
import type { Journal } from '../event/envelope.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Clock } from '../kernel/ports.ts';
import type { ToggleActuator } from '../toggle/ports.ts';
import { readToggles } from '../toggle/read.ts';
import type { Running } from './drill.ts';

export interface ToggleWatch {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly actuator: Pick<ToggleActuator, 'read'>;
  readonly normal: Readonly<Record<string, string>>;
  readonly everyMs: number;
}

/** Reads the toggles from the system again and again; writes what it read when it changed. */
export function watchToggles(watch: ToggleWatch): Running {
  const stopped = new AbortController();
  const watching = loop(watch, stopped.signal);
  return {
    async stop() {
      stopped.abort();
      await watching;
    },
  };
}

async function loop(
  { journal, clock, actuator, normal, everyMs }: ToggleWatch,
  signal: AbortSignal,
): Promise<void> {
  let last = '';
  while (!signal.aborted) {
    const read = await readToggles(actuator, normal, signal).catch(unreadable);
    const text = JSON.stringify(read);
    if (text !== last && !signal.aborted) journal.append({ type: 'toggle.read', data: read });
    last = text;
    await clock.sleep(everyMs, signal).catch(() => undefined);
  }
}

function unreadable(error: unknown): ToggleRead {
  return { values: {}, abnormal: [], ok: false, reason: messageOf(error) };
}
