/** Cuts chunks of text into lines. A line longer than 1 MiB is dropped: no point and no log line is. */
export class Lines {
  readonly #take: (line: string) => void;
  #rest = '';
  #skipping = false;

  constructor(take: (line: string) => void) {
    this.#take = take;
  }

  push(chunk: string): void {
    const parts = chunk.split('\n');
    const last = parts.pop() ?? '';
    for (const part of parts) this.#complete(part);
    if (!this.#skipping) this.#rest += last;
    if (this.#rest.length > longest) {
      this.#rest = '';
      this.#skipping = true;
    }
  }

  end(): void {
    if (this.#rest !== '') this.#complete('');
  }

  #complete(part: string): void {
    const line = this.#rest + part;
    this.#rest = '';
    if (!this.#skipping && line !== '') this.#take(line);
    this.#skipping = false;
  }
}

const longest = 2 ** 20;
