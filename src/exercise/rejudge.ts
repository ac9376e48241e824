import type { Draft, SiagaEvent } from '../event/envelope.ts';
import { createEngine, isDerived } from '../incident/engine.ts';

/**
 * The events of a run with its incident transitions derived again: what was written is ignored, and what follows
 * from the rest takes its place, each directly after the event it follows from.
 */
export function rejudge(events: readonly SiagaEvent[]): readonly SiagaEvent[] {
  const engine = createEngine();
  const numbers = events.filter(isDerived).map(({ seq }) => seq);
  const result: SiagaEvent[] = [];
  for (const event of events) {
    if (isDerived(event)) continue;
    result.push(event);
    for (const draft of engine.step(event)) result.push(derivedFrom(event, draft, numbers.shift()));
  }
  return result.toSorted((a, b) => a.seq - b.seq);
}

// Where as many transitions come out as were written, they take the written ones' sequences in order.
function derivedFrom(cause: SiagaEvent, draft: Draft, seq: number | undefined): SiagaEvent {
  return { ...cause, type: draft.type, data: draft.data, seq: seq ?? cause.seq } as SiagaEvent;
}
