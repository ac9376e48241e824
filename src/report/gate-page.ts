import type { SiagaEvent } from '../event/envelope.ts';
import { heading, paragraph, code } from './document/build.ts';
import { toMarkdown } from './document/markdown.ts';
import { toText } from './document/text.ts';
import type { Document } from './document/types.ts';
import { foldReport } from './fold.ts';
import type { Report } from './model.ts';
import { command } from './section/common.ts';
import { glanceSection } from './section/glance.ts';
import { nextSection } from './section/next.ts';
import { titleOf, verdictSection } from './section/verdict.ts';

/** The gate's one page: what failed first, got against allowed, the command that repeats it, and each part's verdict. */
export function gatePage(report: Report): Document {
  return {
    title: titleOf(report),
    language: 'en',
    blocks: [
      ...verdictSection(report),
      ...glanceSection(report),
      ...nextSection(report),
      heading(2, 'All of it'),
      paragraph('The whole report: ', code(command(report, `report ${report.run.id}`))),
    ],
  };
}

/** The page for a pull request or a step summary, and for a terminal. */
export function renderGate(events: readonly SiagaEvent[]): {
  readonly markdown: string;
  readonly text: string;
} {
  const page = gatePage(foldReport(events));
  return { markdown: toMarkdown(page), text: toText(page) };
}
