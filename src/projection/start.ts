import type { CheckFinished } from '../event/catalogue.ts';
import type { SiagaEvent } from '../event/envelope.ts';
import type { Firing } from '../event/incident.ts';
import type { SampleSource } from '../event/samples.ts';
import type { Episode, Marker } from './model.ts';

/**
 * When an incident began: where a fault of ours was in, when it went in; else the first bucket that was bad, not before
 * the run first looked at what fired in it: what was seen of something else says nothing of it. The true start may be
 * earlier.
 */
export function startOf(events: readonly SiagaEvent[], { by, opened }: Episode): Marker {
  let injected: Marker | undefined;
  for (const { type, at, seq } of events) {
    if (seq >= opened.seq) break;
    if (type === 'experiment.started' || type === 'experiment.finished') injected = undefined;
    if (type === 'fault.injected') injected ??= { at, seq };
  }
  const at = Math.max(by.since, firstLook(events, opened, by) ?? by.since);
  return injected ?? { at: Math.min(at, opened.at), seq: by.evidence[0] ?? opened.seq };
}

/** When the run that opened it first looked at what fired; unknown where another run's event only tells of it. */
function firstLook(events: readonly SiagaEvent[], opened: Marker, by: Firing): number | undefined {
  const opening = events.find(({ seq }) => seq === opened.seq);
  if (opening?.type !== 'incident.transition') return undefined;
  const own = events.filter(({ run, seq }) => run === opening.run && seq < opened.seq);
  const start = own.find((event) => event.type === 'run.started');
  if (start === undefined) return undefined;
  const source = start.data.judge.signals.find(({ name }) => name === by.signal)?.source;
  const looks = own.flatMap((event) => lookAt(event, by, source) ?? []);
  return looks.length === 0
    ? undefined
    : looks.reduce((first, look) => Math.max(start.at, Math.min(first, look)), Infinity);
}

function lookAt(
  { type, at, data }: SiagaEvent,
  { signal, subject }: Firing,
  source: SampleSource | undefined,
): number | undefined {
  switch (type) {
    case 'samples':
      return data.signal === signal && data.source === source ? data.from : undefined;
    case 'check.finished':
      return tells(data, subject) ? at - data.durationMs : undefined;
    case 'toggle.read':
      return subject?.kind === 'toggle' && Object.hasOwn(data.values, subject.name) ? at : undefined;
    default:
      return undefined;
  }
}

function tells({ check, states }: CheckFinished, subject: Firing['subject']): boolean {
  if (subject?.kind === 'check') return subject.name === check;
  return subject?.kind === 'state' && Object.hasOwn(states, subject.name);
}
