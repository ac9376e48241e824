import type { Block, Column, Inline, Line, Row, Table, Tone } from './types.ts';

export const strong = (text: string): Inline => ({ kind: 'strong', text });
export const code = (text: string): Inline => ({ kind: 'code', text });
export const mark = (tone: Tone, text: string): Inline => ({ kind: 'mark', tone, text });
/** A sign in its colour, then words in the colour of all others. */
export const signed = (tone: Tone, text: string): Line => [{ kind: 'mark', tone, text: '' }, text];
export const note = (text: string): Inline => ({ kind: 'note', text });
export const cite = (...seqs: readonly number[]): Inline => ({ kind: 'cite', seqs });

export const heading = (level: 1 | 2 | 3 | 4, text: string): Block => ({ kind: 'heading', level, text });
export const paragraph = (...line: Line): Block => ({ kind: 'paragraph', line });
export const bullets = (items: readonly Line[]): Block => ({ kind: 'list', ordered: false, items });
export const steps = (items: readonly Line[]): Block => ({ kind: 'list', ordered: true, items });
export const codeBlock = (text: string): Block => ({ kind: 'code', text });
export const callout = (tone: Tone, title: string, lines: readonly Line[]): Block => ({
  kind: 'callout',
  tone,
  title,
  lines,
});
export const folded = (title: string, blocks: readonly Block[]): Block => ({ kind: 'folded', title, blocks });

/** A table; a title that ends in `>` is a column of numbers, set right. */
export function table(titles: readonly string[], rows: readonly (Row | readonly Line[])[]): Table {
  return {
    kind: 'table',
    columns: titles.map(columnOf),
    rows: rows.map((row) => ('cells' in row ? row : { cells: row })),
  };
}

function columnOf(title: string): Column {
  return title.endsWith('>') ? { title: title.slice(0, -1), align: 'right' } : { title };
}

/** Puts a separator between lines and joins them into one. */
export function join(lines: readonly Line[], separator: string): Line {
  return lines.flatMap((line, index) => (index === 0 ? line : [separator, ...line]));
}
