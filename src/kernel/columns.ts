const wide =
  /^(?:\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Emoji_Presentation}|[\u3000-\u303F\uFF01-\uFF60])$/u;
const none = /^(?:\p{M}|\u200D|\uFE0F)$/u;

/** Columns of a terminal that a text takes: ideographs and emoji two, combining marks none. */
export function columnsOf(text: string): number {
  return [...text].reduce((sum, letter) => sum + letterColumns(letter), 0);
}

function letterColumns(letter: string): number {
  if (none.test(letter)) return 0;
  return wide.test(letter) ? 2 : 1;
}

/** The text, cut to so many columns; what was cut shows as `…`. */
export function fitColumns(text: string, width: number): string {
  if (columnsOf(text) <= width) return text;
  return width < 1 ? '' : `${beginning(text, width - 1)}…`;
}

/** As much of the text as fits into so many columns. */
function beginning(text: string, width: number): string {
  let left = width;
  let fits = '';
  for (const letter of text) {
    left -= letterColumns(letter);
    if (left < 0) break;
    fits += letter;
  }
  return fits;
}

/** The text in lines of so many columns, broken between words where it can be, at most so many lines. */
export function wrapColumns(text: string, width: number, most: number): readonly string[] {
  const lines: string[] = [];
  let rest = text;
  while (columnsOf(rest) > width && lines.length < most - 1) {
    const full = beginning(rest, width);
    const space = rest[full.length] === ' ' ? full.length : full.lastIndexOf(' ');
    const line = space > 0 ? full.slice(0, space) : full;
    if (line === '') break;
    lines.push(line);
    rest = rest.slice(line.length).trimStart();
  }
  return [...lines, fitColumns(rest, width)];
}
