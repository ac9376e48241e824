import type { SiagaEvent } from '../event/envelope.ts';
import { toHtml } from './document/html.ts';
import { toMarkdown } from './document/markdown.ts';
import type { Report } from './model.ts';
import { foldReport } from './fold.ts';
import { drawPlot } from './plot/plot.ts';
import { experimentPlots, plotsOf, type NamedPlot } from './plots.ts';
import { postmortemPage } from './postmortem/page.ts';
import { reportPage } from './report.ts';
import { summaryText } from './summary.ts';

const allPlots = (report: Report): readonly NamedPlot[] => [
  ...plotsOf(report),
  ...report.experiments.flatMap((experiment) => experimentPlots(experiment, report)),
];

/**
 * Every document of a run by its path in the run's folder. Pure: the same events give the same bytes, whatever the
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
