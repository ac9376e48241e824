import type { ToggleRead } from '../event/toggles.ts';
import type { Journal } from '../event/envelope.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Clock } from '../kernel/ports.ts';
import type { ToggleActuator } from '../toggle/ports.ts';
import { bucketStart } from '../signal/bucket.ts';
import { readToggles } from '../toggle/read.ts';
import type { Running } from './drill.ts';

export interface ToggleWatch {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly actuator: Pick<ToggleActuator, 'read' | 'place'>;
  readonly normal: Readonly<Record<string, string>>;
  readonly everyMs: number;
  /** Length of a bucket, as in the run's JudgeSpec. */
  readonly bucketMs: number;
}

/**
 * Reads the toggles from the system again and again. Writes what it read when it changed, and once in every bucket, so
 * that an old "normal" never stands for a bucket in which nobody could read them.
 */
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
  { journal, clock, actuator, normal, everyMs, bucketMs }: ToggleWatch,
  signal: AbortSignal,
): Promise<void> {
  let last = '';
  while (!signal.aborted) {
    const read = await readToggles(actuator, normal, signal).catch(unreadable);
    const said = JSON.stringify([bucketStart(clock.now(), bucketMs), read]);
    if (said !== last && !signal.aborted) journal.append({ type: 'toggle.read', data: read });
    last = said;
    await clock.sleep(everyMs, signal).catch(() => undefined);
  }
}

function unreadable(error: unknown): ToggleRead {
  return { values: {}, abnormal: [], ok: false, reason: messageOf(error) };
}
