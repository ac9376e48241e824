import { citeText } from './build.ts';
import { clean, cleanLines } from './escape.ts';
import type { Block, Document, Inline, Line, Table, Tone } from './types.ts';

const signs: Readonly<Record<Tone, string>> = {
  good: 'ok ',
  bad: 'FAIL ',
  warn: 'warn ',
  unknown: '? ',
  plain: '',
};

/** The page as plain text, for a terminal or a log. Figures are named by path. */
export function toText(page: Document): string {
  return `${[clean(page.title), ...page.blocks.map(blockOf)].join('\n\n')}\n`;
}

function blockOf(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return clean(block.text);
    case 'paragraph':
      return lineText(block.line);
    case 'callout':
      return [clean(block.title), ...block.lines.map((line) => `  ${lineText(line)}`)].join('\n');
    case 'list':
      return block.items
        .map((item, index) => `${block.ordered ? `${index + 1}.` : '-'} ${lineText(item)}`)
        .join('\n');
    case 'table':
      return tableOf(block);
    case 'code':
      return cleanLines(block.text)
        .split('\n')
        .map((line) => `    ${line}`)
        .join('\n');
    case 'figure':
      return `${clean(block.title)}: ${block.path}`;
    case 'folded':
      return [clean(block.title), ...block.blocks.map(blockOf)].join('\n\n');
  }
}

function tableOf({ columns, rows }: Table): string {
  const grid = [columns.map(({ title }) => clean(title)), ...rows.map(({ cells }) => cells.map(lineText))];
  const widths = columns.map((_, index) => Math.max(...grid.map((cells) => (cells[index] ?? '').length)));
  const pad = (text: string, index: number): string =>
    columns[index]?.align === 'right' ? text.padStart(widths[index] ?? 0) : text.padEnd(widths[index] ?? 0);
  return grid.map((cells) => cells.map(pad).join('  ').trimEnd()).join('\n');
}

/** A line without markup. */
export function lineText(line: Line): string {
  return line.map(inlineOf).join('');
}

function inlineOf(inline: Inline): string {
  if (typeof inline === 'string') return clean(inline);
  switch (inline.kind) {
    case 'strong':
    case 'code':
      return clean(inline.text);
    case 'mark':
      return `${signs[inline.tone]}${clean(inline.text)}`;
    case 'note':
      return ` (${clean(inline.text)})`;
    case 'cite':
      return `[${citeText(inline.seqs)}]`;
  }
}
