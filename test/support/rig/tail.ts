import { closeSync, existsSync, fstatSync, openSync, readSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { SiagaEvent } from '../../../src/event/envelope.ts';
import { eventsIn } from '../events.ts';

/** Reads along what the next run of a project writes into its folder. */
export class Tail {
  readonly #reports: string;
  readonly #known: ReadonlySet<string>;
  readonly #events: SiagaEvent[] = [];
  #offset = 0;
  #rest = '';

  constructor(dir: string) {
    this.#reports = join(dir, 'reports');
    this.#known = new Set(this.#folders());
  }

  /** All that is there so far. */
  read(): readonly SiagaEvent[] {
    const path = this.#path();
    if (path === undefined) return [];
    const lines = (this.#rest + this.#more(path)).split('\n');
    this.#rest = lines.pop() ?? '';
    this.#events.push(...lines.map((line) => JSON.parse(line) as SiagaEvent));
    return this.#events;
  }

  /** The whole file: a run that ends writes it anew. */
  readAll(): readonly SiagaEvent[] {
    const path = this.#path();
    return path === undefined ? [] : eventsIn(path);
  }

  #folders(): readonly string[] {
    return existsSync(this.#reports) ? readdirSync(this.#reports) : [];
  }

  #path(): string | undefined {
    const folder = this.#folders().find((each) => !this.#known.has(each));
    const path = folder === undefined ? undefined : join(this.#reports, folder, 'events.ndjson');
    return path !== undefined && existsSync(path) ? path : undefined;
  }

  #more(path: string): string {
    const file = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(Math.max(0, fstatSync(file).size - this.#offset));
      this.#offset += readSync(file, bytes, 0, bytes.length, this.#offset);
      return bytes.toString('utf8');
    } finally {
      closeSync(file);
    }
  }
}
