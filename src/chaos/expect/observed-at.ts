import type { SiagaEvent } from '../../event/envelope.ts';

/** When what an event tells was true: samples are written up to a flush after they were taken. */
export function observedAt(event: SiagaEvent): number {
  if (event.type === 'samples') return event.data.to;
  return event.type === 'incident.transition' ? event.data.effectiveAt : event.at;
}

/** When its observation began: an answer to a question from before a stage says nothing about that stage. */
export function beganAt(event: SiagaEvent): number {
  return event.type === 'check.finished' ? event.at - event.data.durationMs : observedAt(event);
}
