import { relative } from 'node:path';
import type { Ending } from '../exercise/ending.ts';
import { envelopeOf } from '../export/envelope-of.ts';
import { exit } from '../kernel/exit.ts';
import { gateText, gateMarkdown } from '../report/gate-page.ts';
import { tellGitHub } from './github.ts';
import { showsBodies } from './flags.ts';
import type { Session } from './session-types.ts';
import { writeGauges } from './textfile.ts';
import type { SiagaEvent } from '../event/envelope.ts';
import { junit } from '../export/junit.ts';
import { toHtml } from '../report/document/html.ts';
import { toMarkdown } from '../report/document/markdown.ts';
import type { Report } from '../report/model.ts';
import { foldReport } from '../report/fold.ts';
import { drawPlot } from '../report/plot/plot.ts';
import { experimentPlots, plotsOf, type NamedPlot } from '../report/plots.ts';
import { postmortemPage } from '../report/postmortem/page.ts';
import { reportPage } from '../report/report.ts';
import { summaryText } from '../report/summary.ts';
import type { EventFile } from '../report/parse.ts';

/**
 * Every file of a run by its path in the run's folder, from its events alone.
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

const allPlots = (report: Report): readonly NamedPlot[] => [
  ...plotsOf(report),
  ...report.experiments.flatMap((experiment) => experimentPlots(experiment, report)),
];

/**
 * The documents that every run has. Pure: the same events give the same bytes, whatever the
 * machine's time, zone or locale.
 * @param unknown of a file that held more than these: how many events of each type were left out
 * @throws {SiagaError} `not-a-run` (exit 2) where the events hold no `run.started`.
 */
export function renderAll(
  events: readonly SiagaEvent[],
  unknown: Report['unknown'] = {},
): ReadonlyMap<string, string> {
  const report = foldReport(events, unknown);
  const page = reportPage(report);
  return new Map([
    ['report.md', toMarkdown(page)],
    ['report.html', toHtml(page)],
    ['postmortem.md', toMarkdown(postmortemPage(report))],
    ['summary.json', summaryText(report)],
    ...allPlots(report).map(({ path, plot }): [string, string] => [path, drawPlot(plot, 'file')]),
  ]);
}

/** What a run leaves: its reports, one JSON envelope where asked, and what GitHub shows. */
export async function conclude(session: Session, ending: Ending): Promise<void> {
  const { platform, flags, journal, folder, request } = session;
  const events = journal.events();
  const files = runFiles(events);
  const reports = [...files.keys(), 'events.ndjson'].map((file) => `${shown(session)}/${file}`);
  const envelope = envelopeOf(events, {
    command: request.command,
    exitCode: ending.exitCode,
    now: platform.clock.now(),
    reports,
  });
  platform.writeFiles(folder, files);
  if (flags.json) platform.stdout(`${JSON.stringify(envelope, null, 2)}\n`);
  else sayEnding(session, ending);
  tellGitHub(platform, envelope);
  await writeGauges(flags, envelope, platform);
}

function shown({ platform, folder }: Session): string {
  const path = relative(platform.cwd, folder);
  return path.startsWith('..') ? folder : path || '.';
}

// A round or a load has shown its table; what is longer gets one page that says what failed first.
function sayEnding(session: Session, { exitCode, reason }: Ending): void {
  const { platform, journal, request } = session;
  if (request.drill || request.command === 'gate')
    platform.stdout(`\n${gateText(journal.events(), showsBodies(session))}\n`);
  else
    platform.stderr(
      `\n${exitCode === exit.passed ? 'passed' : `not passed (exit ${exitCode})`}${reason && `: ${reason}`}\n`,
    );
  platform.stderr(`report: ${shown(session)}/report.md and report.html\n`);
}
