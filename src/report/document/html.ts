import { citeText } from './build.ts';
import { escapeMarkup, escapeMarkupLines } from './escape.ts';
import type { Block, Document, Inline, Line, Row, Table, Tone } from './types.ts';
import { palette, plotRules } from '../plot/style.ts';

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

const tones = ['good:green', 'bad:red', 'warn:amber', 'unknown:dim']
  .map((pair) => pair.split(':'))
  .map(
    ([tone, colour]) =>
      `.mark.${tone}{color:var(--${colour})}.callout.${tone}{border-color:var(--${colour})}.callout.${tone}>strong{color:var(--${colour})}`,
  )
  .join('');

/** The page's own look; nothing is fetched. */
const style = [
  palette,
  '*{box-sizing:border-box}',
  'body{margin:0;background:var(--back);color:var(--ink);font:15px/1.55 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}',
  'main{max-width:1180px;margin:0 auto;padding:28px 24px 80px}',
  'h1{font-size:24px;line-height:1.25;margin:0 0 12px}',
  'h2{font-size:19px;margin:40px 0 10px;padding-top:14px;border-top:1px solid var(--line)}',
  'h3{font-size:16px;margin:28px 0 8px}',
  'p{margin:8px 0;max-width:900px}',
  'li{margin:4px 0;max-width:900px}',
  'nav{position:sticky;top:0;z-index:1;display:flex;flex-wrap:wrap;gap:4px 16px;margin:0 0 18px;padding:8px 0;font-size:13px;background:var(--back);border-bottom:1px solid var(--line)}',
  'nav label{color:var(--dim);white-space:nowrap}nav input{margin:0;vertical-align:-1px}',
  'h2,h3,tr{scroll-margin-top:76px}',
  'main:has(#numbers:not(:checked)) :is(.cite,.cites){display:none}',
  'a{color:var(--blue);text-decoration:none}a:hover{text-decoration:underline}',
  'code,pre{font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}',
  'code{background:color-mix(in srgb,var(--dim) 13%,transparent);padding:1px 5px;border-radius:4px;overflow-wrap:anywhere}',
  'pre{background:color-mix(in srgb,var(--dim) 10%,transparent);padding:12px 14px;border-radius:6px;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}',
  '.callout{border-left:4px solid var(--line);background:color-mix(in srgb,var(--dim) 8%,transparent);padding:10px 16px;margin:14px 0;border-radius:0 6px 6px 0}',
  '.callout>strong{font-size:17px}.callout p{max-width:none}',
  '.wide{overflow-x:auto;margin:10px 0 18px}',
  'table{border-collapse:collapse;font-size:13px;line-height:1.45;min-width:60%}',
  'th{text-align:left;font-weight:600;color:var(--dim);border-bottom:1px solid var(--dim);padding:5px 12px 5px 0;vertical-align:bottom}',
  'td{border-bottom:1px solid var(--line);padding:5px 12px 5px 0;vertical-align:top;overflow-wrap:break-word}',
  'th.n,td.n{text-align:right;font-variant-numeric:tabular-nums}td.n{white-space:nowrap}',
  'tr:target{background:color-mix(in srgb,var(--amber) 22%,transparent)}',
  'small{color:var(--dim);font-size:11.5px}',
  '.cite{color:var(--dim);font-size:11px;white-space:nowrap;font-variant-numeric:tabular-nums}.cite a{color:inherit}',
  'figure{margin:18px 0;overflow-x:auto}figure svg{width:100%;min-width:680px;max-width:960px;height:auto;display:block}',
  'details{margin:10px 0}summary{cursor:pointer;color:var(--blue)}',
  '@media(max-width:700px){main{padding:16px 14px 60px}nav{flex-wrap:nowrap;overflow-x:auto;white-space:nowrap}h2,h3,tr{scroll-margin-top:48px}}',
  tones,
  plotRules,
  '@media print{body{font-size:11px}main{max-width:none;padding:0}nav{display:none}.wide,figure{overflow:visible}table{font-size:9.5px}h2{margin-top:20px}figure{margin:8px 0}figure svg{min-width:0;max-width:560px}tr,figure{break-inside:avoid}h2,h3,summary{break-after:avoid}}',
].join('\n');
