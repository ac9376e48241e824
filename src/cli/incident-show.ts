import type { Command } from 'commander';
import { envelopeOf } from '../export/envelope-of.ts';
import { incidentResult, recordResult } from '../export/results.ts';
import { exit } from '../kernel/exit.ts';
import { incidentText } from '../report/incident-page.ts';
import { incidentsOnRecord, meantIncident } from '../run/incidents-on-record.ts';
import type { IncidentOnRecord, WhichProject } from '../run/incidents-on-record.ts';
import type { Platform } from '../run/platform.ts';

interface ShowFlags extends WhichProject {
  readonly json?: true;
}

type ShowPlatform = Pick<Platform, 'cwd' | 'stdout' | 'clock' | 'outcome' | 'readStore' | 'projectFiles'>;

/** `siaga incident show [ID]`: one incident with all that happened and all that people said. It writes nothing. */
export function registerShow(incident: Command, platform: ShowPlatform): void {
  incident
    .command('show')
    .description('one incident: how it is, who has it, what happened and what is to be done next')
    .argument('[id]', 'the incident (default: the one that is open, else the newest)')
    .option('-C, --project <dir>', 'folder of the project', '.')
    .option('--target <name>', 'only those of this target')
    .option('--json', 'one JSON envelope on stdout')
    .action((id: string | undefined, flags: ShowFlags) => {
      const meant = meantIncident(incidentsOnRecord(flags, platform), id);
      platform.outcome.code = exit.passed;
      platform.stdout(flags.json ? asJson(meant, platform) : incidentText(meant, platform.clock.now()));
    });
}

function asJson({ incident, record, target }: IncidentOnRecord, { clock }: ShowPlatform): string {
  const envelope = envelopeOf([], { command: 'incident show', exitCode: exit.passed, now: clock.now() });
  const incidents = [{ ...incidentResult(incident), target, record: recordResult(record) }];
  return `${JSON.stringify({ ...envelope, incidents }, null, 2)}\n`;
}
