import type { SiagaEvent } from '../event/envelope.ts';
import { cite, heading, paragraph, code } from './document/build.ts';
import { toMarkdown } from './document/markdown.ts';
import { toText } from './document/text.ts';
import type { Block, Document } from './document/types.ts';
import { foldReport } from './fold.ts';
import type { Report } from './model.ts';
import { command } from './section/common.ts';
import { glanceSection } from './section/glance.ts';
import { nextSection } from './section/next.ts';
import { titleOf, verdictSection } from './section/verdict.ts';

/** The gate's one page: what failed first, got against allowed, the command that repeats it, and each part's verdict. */
function gatePage(report: Report, bodies: boolean): Document {
  return {
    title: titleOf(report),
    language: 'en',
    blocks: [
      ...verdictSection(report),
      ...(bodies ? saidSection(report) : []),
      ...glanceSection(report),
      ...nextSection(report),
      heading(2, 'All of it'),
      paragraph('The whole report: ', code(command(report, `report ${report.run.id}`))),
    ],
  };
}

/** What failed answers said, the first of each check. In a run that passed, they failed because it broke the system. */
function saidSection({ failures, run }: Report): readonly Block[] {
  if (run.verdict === 'passed') return [];
  const said = new Map(
    failures.flatMap(({ check, excerpt, evidence }) =>
      excerpt === undefined ? [] : [[check, { excerpt, evidence }]],
    ),
  );
  return [...said]
    .slice(0, mostSaid)
    .map(([check, { excerpt, evidence }]) =>
      paragraph(`${check} said `, code(excerpt), ' ', cite(...evidence.slice(0, 1))),
    );
}

const mostSaid = 3;

/** The page for a pull request or a step summary: what answers said only where the run was told to show it. */
export function gateMarkdown(events: readonly SiagaEvent[]): string {
  const report = foldReport(events);
  return toMarkdown(gatePage(report, report.run.showBodies === true));
}

/** The page for a terminal. */
export function gateText(events: readonly SiagaEvent[], bodies: boolean): string {
  return toText(gatePage(foldReport(events), bodies));
}
