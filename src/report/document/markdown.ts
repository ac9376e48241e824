import { citeText } from './build.ts';
import { clean, cleanLines, escapeLineStart, escapeMarkdown } from './escape.ts';
import type { Block, Document, Inline, Line, Table, Tone } from './types.ts';

const signs: Readonly<Record<Tone, string>> = {
  good: '✅ ',
  bad: '❌ ',
  warn: '⚠️ ',
  unknown: '❔ ',
  plain: '',
};

/** The page as GitHub-flavoured Markdown. Figures are referenced by path. */
export function toMarkdown(page: Document): string {
  return `${[`# ${escapeMarkdown(page.title)}`, ...page.blocks.map(blockOf)].join('\n\n')}\n`;
}

function blockOf(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `${'#'.repeat(block.level)} ${escapeMarkdown(block.text)}`;
    case 'paragraph':
      return escapeLineStart(lineOf(block.line));
    case 'callout':
      return calloutOf(block);
    case 'list':
      return block.items
        .map((item, index) => `${block.ordered ? `${index + 1}.` : '-'} ${itemOf(item)}`)
        .join('\n');
    case 'table':
      return tableOf(block);
    case 'code':
      return fence(block.text);
    case 'figure':
      return `![${escapeMarkdown(block.title)}](${block.path})`;
    case 'folded':
      return [
        `<details><summary>${escapeMarkdown(block.title)}</summary>`,
        ...block.blocks.map(blockOf),
        '</details>',
      ].join('\n\n');
  }
}

function calloutOf({ tone, title, lines }: Extract<Block, { kind: 'callout' }>): string {
  const head = `**${signs[tone]}${escapeMarkdown(title)}**`;
  return [head, ...lines.map((line) => escapeLineStart(lineOf(line)))]
    .map((line) => `> ${line}`)
    .join('\n>\n');
}

function itemOf(item: Line): string {
  return escapeLineStart(lineOf(item));
}

function tableOf({ columns, rows }: Table): string {
  const head = columns.map(({ title }) => escapeMarkdown(title));
  const rule = columns.map(({ align }) => (align === 'right' ? '---:' : '---'));
  const body = rows.map(({ cells }) => cells.map(lineOf));
  return [head, rule, ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function lineOf(line: Line): string {
  return line.map(inlineOf).join('');
}

function inlineOf(inline: Inline): string {
  if (typeof inline === 'string') return escapeMarkdown(inline);
  switch (inline.kind) {
    case 'strong':
      return `**${escapeMarkdown(inline.text).trim()}**`;
    case 'code':
      return codeOf(inline.text);
    case 'mark':
      return `${signs[inline.tone]}${escapeMarkdown(inline.text)}`;
    case 'note':
      return ` <sub>${escapeMarkdown(inline.text)}</sub>`;
    case 'cite':
      return `[${citeText(inline.seqs)}]`;
  }
}

// A backtick would end the span and a pipe the table's cell, so such a text is escaped instead.
function codeOf(text: string): string {
  const one = clean(text);
  return one.trim() === '' || /[`|\\]/.test(one) ? `<code>${escapeMarkdown(one)}</code>` : `\`${one}\``;
}

function fence(text: string): string {
  const inner = cleanLines(text);
  const longest = Math.max(2, ...[...inner.matchAll(/`+/g)].map(([run]) => run.length));
  const ticks = '`'.repeat(longest + 1);
  return `${ticks}text\n${inner}\n${ticks}`;
}
