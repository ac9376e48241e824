import { columnsOf } from '../kernel/columns.ts';

type Stream = Pick<NodeJS.WriteStream, 'write'> & { readonly columns?: number; readonly rows?: number };

/**
 * Lines at the foot of a terminal that are painted over and over, while what is written stands above them and is never
 * painted over. Follows the terminal's width: lines that it has wrapped since are counted as it shows them.
 */
export class Frame {
  readonly #terminal: Stream;
  #lines: readonly string[] = [];

  constructor(terminal: Stream) {
    this.#terminal = terminal;
  }

  /** In place of what was painted before. Each line fits the terminal; only colours in it are escape sequences. */
  paint(lines: readonly string[]): void {
    if (lines.join('\n') === this.#lines.join('\n')) return;
    const erased = this.#erasing();
    this.#lines = lines;
    this.#terminal.write(erased + shown(lines));
  }

  /** Writes something above. */
  above(write: (text: string) => void, text: string): void {
    if (this.#lines.length === 0) return write(text);
    this.#terminal.write(this.#erasing());
    write(text.endsWith('\n') ? text : `${text}\n`);
    this.#terminal.write(shown(this.#lines));
  }

  /** What is painted stays where it stands. */
  keep(): void {
    this.#lines = [];
  }

  #erasing(): string {
    const { columns = 100, rows: height = Infinity } = this.#terminal;
    const taken = this.#lines.reduce((sum, line) => sum + rowsOf(line, columns), 0);
    // What a window that became smaller has scrolled away cannot be reached any more.
    const rows = Math.min(taken, height - 1);
    if (rows === 0) return '';
    // Row by row: what clears the whole screen at once goes into the scrollback of some terminals, every time.
    const up = `\u001b[${rows}F`;
    return `${up}${'\u001b[2K\n'.repeat(rows)}${up}`;
  }
}

const shown = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

const colours = new RegExp(`${String.fromCodePoint(27)}\\[\\d+m`, 'g');

/** Rows that a line takes on a terminal so wide. */
function rowsOf(line: string, width: number): number {
  return Math.max(1, Math.ceil(columnsOf(line.replaceAll(colours, '')) / Math.max(1, width)));
}
