import { citeText } from './cites.ts';
import { escapeMarkup, escapeMarkupLines } from './escape.ts';
import { style } from './style.ts';
import type { Block, Document, Inline, Line, Row, Table, Tone } from './types.ts';

// A sign never stands alone at the end of a line.
const signs: Readonly<Record<Tone, string>> = {
  good: '✓&nbsp;',
  bad: '✕&nbsp;',
  warn: '!&nbsp;',
  unknown: '?&nbsp;',
  plain: '',
};

/** The page as one self-contained HTML file: styles and figures inside, no script, nothing fetched. */
export function toHtml(page: Document): string {
  const anchors = new Set(page.blocks.flatMap(anchorsOf));
  const print = printer(anchors);
  return [
    '<!doctype html>',
    `<html lang="${page.language}">`,
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${escapeMarkup(page.title)}</title>`,
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    '<main>',
    `<h1>${escapeMarkup(page.title)}</h1>`,
    contentsOf(page.blocks),
    ...page.blocks.map(print),
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function anchorsOf(block: Block): readonly number[] {
  if (block.kind === 'folded') return block.blocks.flatMap(anchorsOf);
  if (block.kind !== 'table') return [];
  return block.rows.map(({ anchor }) => anchor).filter((anchor) => anchor !== undefined);
}

/** Where the page is long, its parts, which stay at the top; and event numbers for whoever asks for them. */
function contentsOf(blocks: readonly Block[]): string {
  const parts = blocks.filter((block) => block.kind === 'heading' && block.level === 2);
  if (parts.length < 3) return '';
  const links = parts.map((part) =>
    part.kind === 'heading' ? `<a href="#${slug(part.text)}">${escapeMarkup(part.text)}</a>` : '',
  );
  return `<nav>${links.join(' ')} <label><input type="checkbox" id="numbers"> event numbers</label></nav>`;
}

function slug(text: string): string {
  return `s-${text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`;
}

function printer(anchors: ReadonlySet<number>): (block: Block) => string {
  const line = (inlines: Line): string => inlines.map((inline) => inlineOf(inline, anchors)).join('');
  const print = (block: Block): string => {
    switch (block.kind) {
      case 'heading':
        return `<h${block.level} id="${slug(block.text)}">${escapeMarkup(block.text)}</h${block.level}>`;
      case 'paragraph':
        return `<p>${line(block.line)}</p>`;
      case 'callout':
        return calloutOf(block, line);
      case 'list': {
        const tag = block.ordered ? 'ol' : 'ul';
        return `<${tag}>${block.items.map((item) => `<li>${line(item)}</li>`).join('\n')}</${tag}>`;
      }
      case 'table':
        return tableOf(block, line);
      case 'code':
        return `<pre>${escapeMarkupLines(block.text)}</pre>`;
      case 'figure':
        return `<figure>${block.svg}</figure>`;
      case 'folded':
        return `<details><summary>${escapeMarkup(block.title)}</summary>\n${block.blocks.map(print).join('\n')}\n</details>`;
    }
  };
  return print;
}

type PrintLine = (line: Line) => string;

function calloutOf({ tone, title, lines }: Extract<Block, { kind: 'callout' }>, line: PrintLine): string {
  const body = lines.map((each) => `<p>${line(each)}</p>`).join('\n');
  return `<section class="callout ${tone}"><strong>${signs[tone]}${escapeMarkup(title)}</strong>\n${body}</section>`;
}

function tableOf({ columns, rows }: Table, line: PrintLine): string {
  const cites = columns.map(
    (_, index) => rows.length > 0 && rows.every(({ cells }) => onlyCites(cells[index])),
  );
  const side = (index: number): string =>
    cites[index] ? ' class="cites"' : columns[index]?.align === 'right' ? ' class="n"' : '';
  const head = columns.map(({ title }, index) => `<th${side(index)}>${escapeMarkup(title)}</th>`).join('');
  const body = rows.map((row) => rowOf(row, (cell, index) => `<td${side(index)}>${line(cell)}</td>`));
  return `<div class="wide"><table><thead><tr>${head}</tr></thead>\n<tbody>\n${body.join('\n')}\n</tbody></table></div>`;
}

const onlyCites = (cell: Line = []): boolean =>
  cell.every((inline) => (typeof inline === 'string' ? inline.trim() === '' : inline.kind === 'cite'));

function rowOf({ cells, anchor }: Row, cell: (line: Line, index: number) => string): string {
  return `<tr${anchor === undefined ? '' : ` id="e${anchor}"`}>${cells.map(cell).join('')}</tr>`;
}

function inlineOf(inline: Inline, anchors: ReadonlySet<number>): string {
  if (typeof inline === 'string') return escapeMarkup(inline);
  switch (inline.kind) {
    case 'strong':
      return `<strong>${escapeMarkup(inline.text)}</strong>`;
    case 'code':
      return `<code>${escapeMarkup(inline.text)}</code>`;
    case 'mark':
      return `<span class="mark ${inline.tone}">${signs[inline.tone]}${escapeMarkup(inline.text)}</span>`;
    case 'note':
      return ` <small>${escapeMarkup(inline.text)}</small>`;
    case 'cite':
      return citeOf(inline.seqs, anchors);
  }
}

function citeOf(seqs: readonly number[], anchors: ReadonlySet<number>): string {
  if (seqs.length > 4) return `<span class="cite">[${citeText(seqs)}]</span>`;
  const links = seqs.map((seq) => (anchors.has(seq) ? `<a href="#e${seq}">#${seq}</a>` : `#${seq}`));
  return `<span class="cite">[${links.length === 0 ? citeText(seqs) : links.join(' ')}]</span>`;
}
