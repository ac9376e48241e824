import type { Draft, SiagaEvent } from '../event/envelope.ts';
import type { Writer } from '../event/store.ts';

/**
 * What a writer said, with who and when. The payload goes through JSON once, so that whoever sees the event live sees
 * exactly what is read back later: no Infinity, no NaN, no undefined.
 */
export function stamp(writer: Writer, draft: Draft): SiagaEvent {
  const { clock, run, boot } = writer;
  const at = Number.isFinite(draft.at) ? draft.at : clock.now();
  return {
    v: 1,
    seq: 0,
    run,
    at,
    mono: Math.round(clock.monotonic() * 100) / 100,
    boot,
    type: draft.type,
    data: JSON.parse(JSON.stringify(draft.data)),
  } as SiagaEvent;
}
