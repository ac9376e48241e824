import type { SiagaEvent } from '../event/envelope.ts';
import { envelopeOf } from '../export/envelope-of.ts';
import { junit } from '../export/junit.ts';
import { renderGate } from '../report/gate-page.ts';

/** Documents of a run beside its report, from the same events: JUnit, and the gate's one page. */
export function otherDocuments(events: readonly SiagaEvent[]): ReadonlyMap<string, string> {
  const started = events.find((event) => event.type === 'run.started');
  const command = started?.data.command ?? '';
  const envelope = envelopeOf(events, { command, now: events.at(-1)?.at ?? 0 });
  const gate = command === 'gate' ? [['gate.md', renderGate(events).markdown] as const] : [];
  return new Map([['junit.xml', junit(envelope)], ...gate]);
}
