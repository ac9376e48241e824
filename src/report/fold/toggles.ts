import type { ToggleRead } from '../../event/toggles.ts';
import type { SiagaEvent } from '../../event/envelope.ts';
import type { ToggleEntry } from '../model.ts';

/**
 * What was set and what was read back. Readings that say the same as the one before are left out, and those made while
 * Siaga was setting them: what they came to is read back afterwards.
 */
export function foldToggles(events: readonly SiagaEvent[]): readonly ToggleEntry[] {
  const entries: ToggleEntry[] = [];
  let last: string | undefined;
  for (const event of events) {
    const { at, seq } = event;
    if (event.type === 'toggle.applied') {
      while (isDuring(entries.at(-1), at - event.data.durationMs)) entries.pop();
      entries.push({ kind: 'applied', at, seq, data: event.data });
      last = undefined;
    }
    if (event.type === 'toggle.read') {
      const said = saying(event.data);
      if (said !== last)
        entries.push({ kind: 'read', at, seq, data: event.data, changed: last !== undefined });
      last = said;
    }
  }
  return entries;
}

const isDuring = (entry: ToggleEntry | undefined, began: number): boolean =>
  entry?.kind === 'read' && entry.at >= began;

function saying({ values, abnormal, ok, reason }: ToggleRead): string {
  return JSON.stringify([Object.entries(values).toSorted(), abnormal, ok, reason]);
}
