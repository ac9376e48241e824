import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Recorded } from '../event/store.ts';
import { envelopeOf } from '../export/envelope-of.ts';
import { incidentResult } from '../export/results.ts';
import { fitColumns, columnsOf } from '../kernel/columns.ts';
import { formatMs } from '../kernel/duration.ts';
import { SiagaError } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';
import { nearest } from '../kernel/nearest.ts';
import { foldIncidents } from '../projection/incidents.ts';
import type { IncidentFacts } from '../projection/model.ts';
import { ofType } from '../projection/pick.ts';
import { clean } from '../report/document/escape.ts';
import { zoneDateTime } from '../report/when.ts';
import { phaseNames } from '../report/words-incident.ts';
import type { Platform } from '../run/platform.ts';

interface ListFlags {
  readonly project: string;
  readonly target?: string;
  readonly json?: true;
}

type ListPlatform = Pick<Platform, 'cwd' | 'stdout' | 'clock' | 'outcome' | 'readStore'>;

/** `siaga incident list`: what is on record, of every run. It reads no definition, and creates and writes nothing. */
export function registerIncident(program: Command, platform: ListPlatform): void {
  program
    .command('incident')
    .command('list')
    .description('list the incidents on record: those that are open first, then the newest')
    .option('-C, --project <dir>', 'folder of the project', '.')
    .option('--target <name>', 'only those of this target')
    .option('--json', 'one JSON envelope on stdout')
    .action((flags: ListFlags) => {
      const rows = recordedIn(flags, platform);
      platform.outcome.code = exit.passed;
      platform.stdout(flags.json ? asJson(rows, platform) : asText(rows, platform.clock.now()));
    });
}

interface Row {
  readonly incident: IncidentFacts;
  readonly target: string;
  /** IANA zone of its runbook. */
  readonly zone: string;
}

function recordedIn({ project, target }: ListFlags, platform: ListPlatform): readonly Row[] {
  const dir = resolve(platform.cwd, project);
  if (!['.siaga', 'siaga.config.ts', 'runbook.ts'].some((name) => existsSync(join(dir, name))))
    throw noProject(dir);
  const store = platform.readStore(join(dir, '.siaga', 'siaga.db'));
  try {
    return store === undefined ? [] : rowsIn(store, target);
  } finally {
    store?.close();
  }
}

function rowsIn(store: Recorded, wanted: string | undefined): readonly Row[] {
  const targets = [...new Set(store.runs().map(({ target }) => target))];
  if (wanted !== undefined && !targets.includes(wanted)) throw unknownTarget(wanted, targets);
  const rows = targets
    .filter((target) => wanted === undefined || target === wanted)
    .flatMap((target) => {
      const [started] = ofType(store.read({ target, types: ['run.started'], newest: 1 }), 'run.started');
      const zone = started?.data.judge.zone ?? 'UTC';
      const incidents = foldIncidents(store.read({ target, types: ['incident.transition'] }));
      return incidents.map((incident): Row => ({ incident, target, zone }));
    });
  return rows.toSorted((a, b) => Number(isOver(a)) - Number(isOver(b)) || openedAt(b) - openedAt(a));
}

const isOver = ({ incident: { phase } }: Row): boolean => phase === 'recovered' || phase === 'closed';
const lastOf = ({ incident }: Row) => incident.episodes.at(-1);
const openedAt = (row: Row): number => lastOf(row)?.opened.at ?? 0;

function asText(rows: readonly Row[], now: number): string {
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
function cellsOf(row: Row, now: number): readonly string[] {
  const { incident, target, zone } = row;
  const { id, drill, severity, phase, signals } = incident;
  const over = lastOf(row)?.recovered ?? lastOf(row)?.closed;
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

function asJson(rows: readonly Row[], { clock }: ListPlatform): string {
  const envelope = envelopeOf([], { command: 'incident list', exitCode: exit.passed, now: clock.now() });
  const incidents = rows.map(({ incident, target }) => ({ ...incidentResult(incident), target }));
  return `${JSON.stringify({ ...envelope, incidents }, null, 2)}\n`;
}

function noProject(dir: string): SiagaError {
  return new SiagaError('no-project', {
    what: 'there is no Siaga project here',
    where: dir,
    got: 'no folder with runbook.ts, siaga.config.ts or .siaga',
    allowed: 'the folder of a project',
    hint: 'name the folder with -C, --project DIR',
    exitCode: exit.usage,
  });
}

function unknownTarget(wanted: string, targets: readonly string[]): SiagaError {
  const close = nearest(wanted, targets);
  return new SiagaError('unknown-target', {
    what: 'no run of this target is on record',
    where: '--target',
    got: wanted,
    allowed: targets.join(', ') || 'nothing: no run is on record',
    ...(close !== undefined && { hint: `did you mean ${close}?` }),
    exitCode: exit.usage,
  });
}
