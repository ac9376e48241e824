import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Draft, SiagaEvent } from '../event/envelope.ts';
import { createEngine } from '../incident/engine.ts';
import { show, nearest } from '../kernel/nearest.ts';
import { messageOf, SiagaError } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';
import { plural } from '../kernel/plural.ts';
import { parseEvents } from '../report/parse.ts';
import { compareDerived, type Rejudged } from '../report/rejudge.ts';
import { runFiles } from '../run/conclude.ts';
import type { Platform } from '../run/platform.ts';

interface ReportFlags {
  readonly project: string;
  readonly output?: string;
  readonly rejudge?: true;
  readonly json?: true;
}

type ReportPlatform = Pick<
  Platform,
  'cwd' | 'stdout' | 'stderr' | 'outcome' | 'writeFiles' | 'clock' | 'interrupted'
>;

/** `siaga report RUN|FILE`: the documents of a run again, from its events alone. */
export function registerReport(program: Command, platform: ReportPlatform): void {
  program
    .command('report')
    .argument('<run>', 'id of a run under reports/, or the path of an events.ndjson')
    .option('-C, --project <dir>', 'folder whose reports/ holds the runs', '.')
    .option('--output <dir>', 'folder to write into (default: where the events lie)')
    .option('--rejudge', 'derive the incidents again and say whether they come out the same')
    .option('--json', 'one JSON object on stdout')
    .action((run: string, flags: ReportFlags) => runReport(run, flags, platform));
}

async function runReport(run: string, flags: ReportFlags, platform: ReportPlatform): Promise<void> {
  const file = findEvents(run, resolve(platform.cwd, flags.project), platform.cwd);
  const { events, unknown } = parseEvents(readText(file), relative(platform.cwd, file) || file);
  for (const [type, count] of Object.entries(unknown))
    platform.stderr(
      `siaga: left out ${plural(count, 'event')} of the type ${show(type)}, which this version does not know\n`,
    );
  const folder = flags.output === undefined ? dirname(file) : resolve(platform.cwd, flags.output);
  const documents = runFiles(events, unknown);
  const judged = flags.rejudge ? await rejudge(events, platform) : undefined;
  platform.writeFiles(folder, documents);
  // What cannot be confirmed says nothing about the target: it is no verdict that failed.
  platform.outcome.code = judged?.same === false ? exit.inconclusive : exit.passed;
  const paths = [...documents.keys()].map((path) => shown(join(folder, path), platform.cwd));
  platform.stdout(flags.json ? asJson(events, paths, judged, platform) : asText(paths, judged));
}

// So many events take about a tenth of a second.
const atOnce = 5_000;

/** A long run takes a while to judge; a signal ends it between two stretches. */
async function rejudge(
  events: readonly SiagaEvent[],
  { clock, interrupted }: ReportPlatform,
): Promise<Rejudged> {
  const engine = createEngine();
  const again: Draft[] = [];
  for (const [index, event] of events.entries()) {
    if (index % atOnce === atOnce - 1) await clock.sleep(0, interrupted);
    interrupted.throwIfAborted();
    again.push(...engine.step(event));
  }
  return compareDerived(events, () => again);
}

/** Relative where that is shorter to read: not through parents. */
function shown(path: string, cwd: string): string {
  const near = relative(cwd, path);
  return near.startsWith('..') ? path : near;
}

function asJson(
  events: readonly SiagaEvent[],
  reports: readonly string[],
  judged: Rejudged | undefined,
  { outcome }: ReportPlatform,
): string {
  const verdict = outcome.code === exit.passed ? 'passed' : 'inconclusive';
  const rejudged = judged === undefined ? null : { same: judged.same, differences: judged.differences };
  return `${JSON.stringify({ verdict, exitCode: outcome.code, run: events[0]?.run ?? null, rejudged, reports }, null, 2)}\n`;
}

function asText(paths: readonly string[], judged: Rejudged | undefined): string {
  return `${[...(judged === undefined ? [] : [judged.text]), ...paths].join('\n')}\n`;
}

/**
 * The events of a run by its id, or of a file or folder by its path.
 * @throws {SiagaError} `unknown-run` (exit 2) with the nearest id.
 */
function findEvents(name: string, project: string, cwd: string): string {
  const inReports = join(project, 'reports', name, 'events.ndjson');
  const given = resolve(cwd, name);
  const candidates = [inReports, ...(isFolder(given) ? [join(given, 'events.ndjson')] : [given])];
  const found = candidates.find((path) => existsSync(path) && !isFolder(path));
  if (found !== undefined) return found;
  throw unknownRun(name, project);
}

function unknownRun(name: string, project: string): SiagaError {
  const folder = join(project, 'reports');
  const known = runsIn(folder);
  const close = nearest(basename(name), known);
  const latest = known.toSorted().at(-1);
  return new SiagaError('unknown-run', {
    what: 'there is no such run or file',
    got: name,
    allowed:
      known.length === 0
        ? `a run under ${folder}, which holds none`
        : 'a run under reports/, or the path of an events.ndjson',
    ...(close !== undefined
      ? { hint: `did you mean ${close}?` }
      : latest !== undefined && { hint: `the latest run is ${latest}` }),
    exitCode: exit.usage,
  });
}

function runsIn(folder: string): readonly string[] {
  if (!isFolder(folder)) return [];
  return readdirSync(folder).filter((name) => existsSync(join(folder, name, 'events.ndjson')));
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function readText(file: string): string {
  try {
    // A pipe, or a device, might never end.
    if (!statSync(file).isFile()) throw new Error('it is no plain file');
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new SiagaError('unreadable-events', {
      what: 'these events cannot be read',
      where: file,
      got: messageOf(cause),
      exitCode: exit.usage,
      cause,
    });
  }
}
