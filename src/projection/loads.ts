import type { LoadFinished, LoadStarted } from '../event/catalogue.ts';
import type { SiagaEvent } from '../event/envelope.ts';
import { ofType } from './pick.ts';

/** A load with its end, where it has one. */
export interface LoadFacts {
  readonly started: LoadStarted;
  readonly seq: number;
  readonly finished?: LoadFinished & { readonly seq: number };
}

/** Loads in the order they were started. */
export function foldLoads(events: readonly SiagaEvent[]): readonly LoadFacts[] {
  const finished = ofType(events, 'load.finished');
  return ofType(events, 'load.started').map(({ data, seq }) => {
    const end = finished.find((event) => event.seq > seq && event.data.load === data.load);
    return { started: data, seq, ...(end && { finished: { ...end.data, seq: end.seq } }) };
  });
}
