import type { Command } from 'commander';
import { envelopeOf } from '../export/envelope-of.ts';
import { incidentResult } from '../export/results.ts';
import { fitColumns, columnsOf } from '../kernel/columns.ts';
import { formatMs } from '../kernel/duration.ts';
import { exit } from '../kernel/exit.ts';
import { clean } from '../report/document/escape.ts';
import { zoneDateTime } from '../report/when.ts';
import { phaseNames } from '../report/words-incident.ts';
import { incidentsOnRecord, openedAt } from '../run/incidents-on-record.ts';
import type { IncidentOnRecord, WhichProject } from '../run/incidents-on-record.ts';
import type { Platform } from '../run/platform.ts';

interface ListFlags extends WhichProject {
  readonly json?: true;
}

type ListPlatform = Pick<Platform, 'cwd' | 'stdout' | 'clock' | 'outcome' | 'readStore' | 'projectFiles'>;

/** `siaga incident list`: what is on record, of every run. It reads no definition, and creates and writes nothing. */
export function registerList(incident: Command, platform: ListPlatform): void {
  incident
    .command('list')
    .description('list the incidents on record: those that are open first, then the newest')
    .option('-C, --project <dir>', 'folder of the project', '.')
    .option('--target <name>', 'only those of this target')
    .option('--json', 'one JSON envelope on stdout')
    .action((flags: ListFlags) => {
      const rows = incidentsOnRecord(flags, platform);
      platform.outcome.code = exit.passed;
      platform.stdout(flags.json ? asJson(rows, platform) : asText(rows, platform.clock.now()));
    });
}

function asText(rows: readonly IncidentOnRecord[], now: number): string {
  if (rows.length === 0) return 'no incidents on record\n';
  const head = ['INCIDENT', 'TARGET', 'SEVERITY', 'STANDS', 'SINCE', 'LASTED', 'SIGNALS'];
  const lines = [head, ...rows.map((row) => cellsOf(row, now))];
  const widths = head.map((_, index) => Math.max(...lines.map((cells) => columnsOf(cells[index] ?? ''))));
  const text = lines.map((cells) =>
    cells
      .map((cell, index) => cell + ' '.repeat((widths[index] ?? 0) - columnsOf(cell)))
      .join('  ')
      .trimEnd(),
  );
  return `${text.join('\n')}\n`;
}

// How bad it was; the JSON says too how it was rated at the end.
function cellsOf(row: IncidentOnRecord, now: number): readonly string[] {
  const { incident, target, zone } = row;
  const { id, drill, severity, phase, signals } = incident;
  const last = incident.episodes.at(-1);
  const over = last?.recovered ?? last?.closed;
  const lasted = formatMs(Math.max(0, (over?.at ?? now) - openedAt(row)));
  return [
    `${drill ? '[DRILL] ' : ''}${id}`,
    target,
    severity.highest,
    phaseNames[phase],
    zoneDateTime(openedAt(row), zone),
    over === undefined ? `${lasted} so far` : lasted,
    signals.join(', '),
  ].map((cell) => fitColumns(clean(cell), 60));
}

function asJson(rows: readonly IncidentOnRecord[], { clock }: ListPlatform): string {
  const envelope = envelopeOf([], { command: 'incident list', exitCode: exit.passed, now: clock.now() });
  const incidents = rows.map(({ incident, target }) => ({ ...incidentResult(incident), target }));
  return `${JSON.stringify({ ...envelope, incidents }, null, 2)}\n`;
}
