import { createWriteStream, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import type { Gzip } from 'node:zlib';
import { messageOf } from '../../kernel/errors.ts';

// Each write is a task for another thread: one a line costs more than the compression.
const chunk = 2 ** 17;

/** Keeps raw points compressed. A disk that is full or read-only costs the points, never the run. */
export class RawPoints {
  readonly #name: string;
  readonly #gzip = gzip();
  readonly #closed: Promise<string | undefined>;
  #pending = '';
  #full = () => {};
  #drain = () => {};

  constructor(folder: string, load: string, open: (path: string) => Writable = privately) {
    this.#name = nameIn(folder, load);
    const file = open(join(folder, this.#name));
    this.#closed = new Promise((resolve) => {
      file.once('close', () => resolve(undefined));
      file.once('error', (error) => {
        resolve(messageOf(error));
        this.#gzip.unpipe(file).resume();
        this.#drain();
      });
    });
    this.#gzip.on('drain', () => this.#drain());
    this.#gzip.pipe(file);
  }

  write(line: string): void {
    this.#pending += `${line}\n`;
    if (this.#pending.length >= chunk) this.#flush();
  }

  /** Called when writing should pause. */
  onFull(full: () => void): void {
    this.#full = full;
  }

  /** Called when writing may go on. */
  onDrain(drain: () => void): void {
    this.#drain = drain;
  }

  async close(): Promise<{ raw: string } | { rawProblem: string }> {
    this.#flush();
    this.#gzip.end();
    const problem = await this.#closed;
    return problem === undefined ? { raw: this.#name } : { rawProblem: problem };
  }

  #flush(): void {
    if (!this.#gzip.write(this.#pending)) this.#full();
    this.#pending = '';
  }
}

const privately = (path: string): Writable => createWriteStream(path, { flags: 'wx', mode: 0o600 });

// The same load may run twice in one run.
function nameIn(folder: string, load: string): string {
  mkdirSync(join(folder, 'raw'), { recursive: true, mode: 0o700 });
  for (let n = 1; ; n++) {
    const name = `raw/${n === 1 ? load : `${load}-${n}`}.json.gz`;
    if (!existsSync(join(folder, name))) return name;
  }
}

// Loaded only where a load runs.
function gzip(): Gzip {
  const { constants, createGzip } = process.getBuiltinModule('node:zlib');
  return createGzip({ level: constants.Z_BEST_SPEED });
}
