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

/** A column of numbers, set right. */
export const right = (title: string): Column => ({ title, align: 'right' });

export function table(
  columns: readonly (string | Column)[],
  rows: readonly (Row | readonly Line[])[],
): Table {
  return {
    kind: 'table',
    columns: columns.map((column) => (typeof column === 'string' ? { title: column } : column)),
    rows: rows.map((row) => ('cells' in row ? row : { cells: row })),
  };
}

/** Sequences as a reader looks them up: a few by name, many as first and last with their number. */
export function citeText(seqs: readonly number[]): string {
  const sorted = [...new Set(seqs)].toSorted((a, b) => a - b);
  if (sorted.length === 0) return 'no event';
  if (sorted.length <= 4) return sorted.map((seq) => `#${seq}`).join(' ');
  return `#${sorted[0]} … #${sorted.at(-1)}, ${sorted.length} events`;
}
