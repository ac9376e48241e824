import { columnsOf } from '../../kernel/columns.ts';

const sequences = new RegExp(`${String.fromCodePoint(27)}\\[(\\d*)([A-Za-z])`, 'y');

interface Row {
  /** Letters by column; the second column of a wide one is empty. */
  readonly cells: string[];
  /** It goes on in the next row: the terminal broke the line. */
  wrapped: boolean;
}

const blank = (): Row => ({ cells: [], wrapped: false });

/**
 * A terminal as far as a frame needs one: it breaks lines that are too long, and breaks them anew when it is resized;
 * moves up, and clears rows. Its scrollback has no end. What it does not know is an error.
 */
export class Screen {
  columns: number;
  readonly rows: number;
  /** How often it was written to. */
  written = 0;
  #rows: Row[] = [blank()];
  #row = 0;
  #column = 0;

  constructor(columns: number, rows = 1_000) {
    this.columns = columns;
    this.rows = rows;
  }

  write(text: string): boolean {
    this.written++;
    for (let at = 0; at < text.length;) {
      sequences.lastIndex = at;
      const [sequence, count = '', command = ''] = sequences.exec(text) ?? [];
      const letter = sequence ?? String.fromCodePoint(text.codePointAt(at) ?? 0);
      if (sequence === undefined) this.#put(letter);
      else this.#obey(command, Number(count || 1));
      at += letter.length;
    }
    return true;
  }

  resize(columns: number): void {
    const lines = this.lines();
    this.columns = columns;
    this.#rows = [blank()];
    this.#row = 0;
    this.#column = 0;
    for (const line of lines) this.write(`${line}\n`);
  }

  /** What stands there as it was written, down to the cursor; what is left below it too, if anything is. */
  lines(): readonly string[] {
    const lines: string[] = [];
    let goesOn = false;
    const below = this.#rows.findLastIndex(({ cells }) => cells.length > 0);
    for (const { cells, wrapped } of this.#rows.slice(0, Math.max(this.#row, below) + 1)) {
      const text = cells.join('');
      if (goesOn) lines.push((lines.pop() ?? '') + text);
      else lines.push(text);
      goesOn = wrapped;
    }
    return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
  }

  #put(letter: string): void {
    if (letter === '\n') return this.#nextRow();
    const width = columnsOf(letter);
    if (width > 0 && this.#column + width > this.columns) {
      this.#current().wrapped = true;
      this.#nextRow();
    }
    const { cells } = this.#current();
    if (width === 0) cells[this.#column - 1] += letter;
    else cells.splice(this.#column, width, letter, ...Array.from({ length: width - 1 }, () => ''));
    this.#column += width;
  }

  #nextRow(): void {
    this.#row++;
    this.#column = 0;
    if (this.#row === this.#rows.length) this.#rows.push(blank());
  }

  #obey(command: string, count: number): void {
    if (command === 'F') {
      const top = Math.max(0, this.#rows.length - this.rows);
      if (this.#row - count < top) throw new Error('moved above the screen');
      this.#row -= count;
      this.#column = 0;
    } else if (command === 'K' && count === 2) this.#clearRow();
    else if (command !== 'm') throw new Error(`unexpected sequence: ${command}`);
  }

  #clearRow(): void {
    this.#rows[this.#row] = blank();
    const above = this.#rows[this.#row - 1];
    if (above) above.wrapped = false;
  }

  #current(): Row {
    return (this.#rows[this.#row] ??= blank());
  }
}
