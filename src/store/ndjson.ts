import type { SiagaEvent } from '../event/envelope.ts';
import { SiagaError, messageOf } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';

export const eventLine = (event: SiagaEvent): string => `${JSON.stringify(event)}\n`;

/**
 * The events of an `events.ndjson`. A last line that a killed writer left unfinished is dropped.
 * @throws {SiagaError} `bad-events` (exit 2) with the line that is not an event.
 */
export function parseEvents(text: string, where: string): readonly SiagaEvent[] {
  // What follows the last line break is empty, or the line that a killed writer did not finish.
  const lines = text.split('\n').slice(0, -1);
  return lines.flatMap((line, index) => (line === '' ? [] : [eventAt(line, `${where}:${index + 1}`)]));
}

function eventAt(line: string, where: string): SiagaEvent {
  try {
    const event: unknown = JSON.parse(line);
    if (isEvent(event)) return event;
  } catch (error) {
    throw bad(where, messageOf(error));
  }
  throw bad(where, line.slice(0, 80));
}

function isEvent(value: unknown): value is SiagaEvent {
  if (typeof value !== 'object' || value === null) return false;
  const { v, seq, run, at, mono, type, data } = value as Partial<SiagaEvent>;
  const numbers = [seq, at, mono].every((number) => Number.isFinite(number));
  return (
    v === 1 && numbers && typeof run === 'string' && typeof type === 'string' && typeof data === 'object'
  );
}

function bad(where: string, got: string): SiagaError {
  return new SiagaError('bad-events', {
    what: 'this line is not an event of this version',
    where,
    got,
    allowed: 'one JSON object a line with v = 1, seq, run, at, mono, boot, type and data',
    exitCode: exit.usage,
  });
}
