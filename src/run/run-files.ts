import type { SiagaEvent } from '../event/envelope.ts';
import { envelopeOf } from '../export/envelope-of.ts';
import { junit } from '../export/junit.ts';
import { renderAll } from '../report/files.ts';
import { gateMarkdown } from '../report/gate-page.ts';

/**
 * Every document of a run by its path in the run's folder, from its events alone.
 * @throws {SiagaError} `not-a-run` (exit 2) where the events hold no `run.started`.
 */
export function runFiles(events: readonly SiagaEvent[]): ReadonlyMap<string, string> {
  const at = events.at(-1)?.at ?? 0;
  const started = events.find((event) => event.type === 'run.started');
  const gate = started?.data.command === 'gate' ? [['gate.md', gateMarkdown(events)] as const] : [];
  return new Map([
    ...renderAll(events),
    ['junit.xml', junit(envelopeOf(events, { command: 'report', now: at }))],
    ...gate,
  ]);
}
