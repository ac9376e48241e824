const controls = /[\p{Cc}\u2028\u2029]+/gu;
// Marks that reorder or hide text: a body could make a line read as its opposite.
const invisible = /[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** Text of others as one harmless line: no control characters, no reordering marks, no lone surrogates, bounded. */
export function clean(text: string, longest = 600): string {
  const line = text.toWellFormed().replaceAll(controls, ' ').replaceAll(invisible, '');
  return line.length > longest ? `${line.slice(0, longest).toWellFormed()}…` : line;
}

/** As `clean`, keeping line breaks: for blocks of code and message texts. */
export function cleanLines(text: string, longest = 8_000): string {
  const kept = text.slice(0, longest).split(/\r\n|\r|\n/);
  return kept.map((line) => clean(line, longest)).join('\n') + (text.length > longest ? '…' : '');
}

const htmlEntities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For HTML and SVG, text and attributes alike. */
export function escapeMarkup(text: string): string {
  return clean(text).replaceAll(/[&<>"']/g, (character) => htmlEntities[character] ?? '');
}

/** As `escapeMarkup`, keeping line breaks. */
export function escapeMarkupLines(text: string): string {
  return cleanLines(text)
    .split('\n')
    .map((line) => line.replaceAll(/[&<>"']/g, (character) => htmlEntities[character] ?? ''))
    .join('\n');
}

// Entities rather than backslashes where a table or an autolink would still see the character.
const markdownEntities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '|': '&#124;',
  '@': '&#64;',
  '`': '&#96;',
};

/** For Markdown text anywhere in a line, tables included: no markup, no link, no mention survives. */
export function escapeMarkdown(text: string): string {
  return clean(text)
    .replaceAll(/[\\*[\]~$]/g, String.raw`\$&`)
    .replaceAll(/[&<>|@`]/g, (character) => markdownEntities[character] ?? '')
    .replaceAll(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, String.raw`\_`)
    .replaceAll('://', '&#58;//')
    .replaceAll(/www\./gi, (prefix) => `${prefix.slice(0, 3)}&#46;`);
}

/** Text that begins a line must not become a heading, a list or a rule. */
export function escapeLineStart(escaped: string): string {
  return escaped.replace(
    /^(\s*)([#+\-=]|\d+[.)])/,
    (_, space: string, sign: string) => `${space}${sign.slice(0, -1)}\\${sign.slice(-1)}`,
  );
}
