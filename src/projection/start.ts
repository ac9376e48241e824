import type { SiagaEvent } from '../event/envelope.ts';
import type { Episode, Marker } from './model.ts';

/**
 * When an incident began: where a fault of ours was in, when it went in; else the first bucket that was bad, and the
 * true start may be earlier.
 */
export function startOf(events: readonly SiagaEvent[], { by, opened }: Episode): Marker {
  let injected: Marker | undefined;
  for (const { type, at, seq } of events) {
    if (seq >= opened.seq) break;
    if (type === 'experiment.started' || type === 'experiment.finished') injected = undefined;
    if (type === 'fault.injected') injected ??= { at, seq };
  }
  return injected ?? { at: by.since, seq: by.evidence[0] ?? opened.seq };
}
