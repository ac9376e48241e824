import type { Command } from 'commander';
import type { Platform } from '../run/platform.ts';
import { registerEntries } from './incident-entry.ts';
import { registerList } from './incident-list.ts';
import { registerShow } from './incident-show.ts';

/** `siaga incident …`: what is on record, and what people put there. */
export function registerIncident(program: Command, platform: Platform): void {
  const incident = program.command('incident');
  registerList(incident, platform);
  registerShow(incident, platform);
  registerEntries(incident, platform);
}
