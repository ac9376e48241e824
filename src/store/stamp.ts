import type { Draft, SiagaEvent } from '../event/envelope.ts';
import type { Writer } from '../event/store.ts';

const asItIs = (text: string): string => text;

/**
 * What a writer said, with who and when. The payload goes through JSON once, so that whoever sees the event live sees
 * exactly what is read back later: no Infinity, no NaN, no undefined, and no secret.
 */
export function stamp(writer: Writer, draft: Draft): SiagaEvent {
  const { clock, run, boot, hide = asItIs } = writer;
  const at = Number.isFinite(draft.at) ? draft.at : clock.now();
  return {
    v: 1,
    seq: 0,
    run,
    at,
    mono: Math.round(clock.monotonic() * 100) / 100,
    boot,
    type: draft.type,
    data: clean(JSON.stringify(draft.data), hide),
  } as SiagaEvent;
}

// Nearly every event is clean, and one look at its whole text shows it.
function clean(json: string, hide: (text: string) => string): unknown {
  if (hide(json) === json) return JSON.parse(json);
  return JSON.parse(json, (_, value: unknown) => {
    if (typeof value === 'string') return hide(value);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [hide(key), item]));
  });
}
