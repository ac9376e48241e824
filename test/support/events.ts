import { readFileSync } from 'node:fs';
import type { SiagaEvent } from '../../src/event/envelope.ts';

/** The events that lie in a file of ours, without the line that a killed writer did not finish. */
export function eventsIn(path: string): readonly SiagaEvent[] {
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as SiagaEvent);
}
