// Writes the published schema of events, as their shapes are.
import { writeFileSync } from 'node:fs';
import { eventSchema } from '../src/event/shapes/event.ts';

const path = new URL('../docs/events.schema.json', import.meta.url);
writeFileSync(path, `${JSON.stringify(eventSchema())}\n`);
