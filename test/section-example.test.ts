import { expect, test } from 'vitest';
import { toHtml } from '../src/report/document/html.ts';
import { toMarkdown } from '../src/report/document/markdown.ts';
import { foldReport } from '../src/report/fold.ts';
import { reportPage, sections } from '../src/report/report.ts';
import { gameDay } from '../src/report/testing/game-day.ts';
import { actionsSection } from './examples/actions-section.ts';

const report = foldReport(gameDay());

test('a section of the report is one file and its entry in the list: it says only what projection/ knows', () => {
  const page = reportPage(report, [...sections, actionsSection]);
  const markdown = toMarkdown(page);
  expect(report.actions.length).toBeGreaterThan(0);
  for (const { kind, name, value } of report.actions)
    expect(markdown.slice(markdown.indexOf('## Actions'))).toContain(`${kind} ${name}=${value}`);
  expect(toHtml(page)).toContain('Actions</h2>');
  expect(toMarkdown(reportPage(report))).not.toContain('## Actions');
});
