import type { SiagaEvent } from '../event/envelope.ts';
import type { Episode, Marker } from './model.ts';

/**
 * When an incident began: where a fault of ours was in, when it went in; else the first bucket that was bad, not before
 * the run's first sample or answer in it, and the
 * true start may be earlier.
 */
export function startOf(events: readonly SiagaEvent[], { by, opened }: Episode): Marker {
  let injected: Marker | undefined;
  for (const { type, at, seq } of events) {
    if (seq >= opened.seq) break;
    if (type === 'experiment.started' || type === 'experiment.finished') injected = undefined;
    if (type === 'fault.injected') injected ??= { at, seq };
  }
  const at = Math.max(by.since, firstLook(events, opened) ?? by.since);
  return injected ?? { at: Math.min(at, opened.at), seq: by.evidence[0] ?? opened.seq };
}

/** The first sample or answer of the run that opened it; unknown where another run's event only tells of it. */
function firstLook(events: readonly SiagaEvent[], opened: Marker): number | undefined {
  const opening = events.find(({ seq }) => seq === opened.seq);
  if (opening?.type !== 'incident.transition') return undefined;
  const own = events.filter(({ run, seq }) => run === opening.run && seq < opened.seq);
  const began = own.find(({ type }) => type === 'run.started')?.at;
  const looks = own.flatMap(({ type, at, data }) => {
    if (type === 'samples') return [data.from];
    return type === 'check.finished' ? [at - data.durationMs] : [];
  });
  return began === undefined || looks.length === 0
    ? undefined
    : looks.reduce((first, look) => Math.max(began, Math.min(first, look)), Infinity);
}
