import type { SiagaEvent } from '../event/envelope.ts';
import { envelopeOf } from '../export/envelope-of.ts';
import { junit } from '../export/junit.ts';
import { renderAll } from '../report/files.ts';
import { gateMarkdown } from '../report/gate-page.ts';
import type { EventFile } from '../report/parse.ts';

/**
 * Every document of a run by its path in the run's folder, from its events alone.
 * @param unknown of a file that held more than these: how many events of each type were left out
 * @throws {SiagaError} `not-a-run` (exit 2) where the events hold no `run.started`.
 */
export function runFiles(
  events: readonly SiagaEvent[],
  unknown: EventFile['unknown'] = {},
): ReadonlyMap<string, string> {
  const at = events.at(-1)?.at ?? 0;
  const started = events.find((event) => event.type === 'run.started');
  const gate = started?.data.command === 'gate' ? [['gate.md', gateMarkdown(events)] as const] : [];
  return new Map([
    ...renderAll(events, unknown),
    ['junit.xml', junit(envelopeOf(events, { command: 'report', now: at }))],
    ...gate,
  ]);
}
