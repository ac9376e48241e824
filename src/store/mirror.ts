import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { SiagaEvent } from '../event/envelope.ts';
import type { StoreProblem } from '../event/store.ts';
import { SiagaError, messageOf } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';

/** The `events.ndjson` of a run's folder, written along with the run. */
export class Mirror {
  readonly #folder: string;
  readonly #tell: (problem: StoreProblem) => void;
  #broken = false;

  /**
   * A full disk costs the mirror only: what a run has to tell needs no disk.
   * @throws {SiagaError} `run-folder-unwritable` (exit 3).
   */
  constructor(folder: string, tell: (problem: StoreProblem) => void) {
    this.#folder = folder;
    this.#tell = tell;
    try {
      attempt(folder, () => {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        append(folder, '');
      });
    } catch (error) {
      if (!isFull(error)) throw error;
      this.#break(error);
    }
  }

  /** Never throws: the store is what counts, and `rewrite` makes up for lines that are missing. */
  write(event: SiagaEvent): void {
    if (this.#broken) return;
    try {
      append(this.#folder, eventLine(event));
    } catch (error) {
      this.#break(error);
    }
  }

  #break(error: unknown): void {
    this.#broken = true;
    this.#tell({ code: 'run-folder-unwritable', message: `${this.#folder}: ${messageOf(error)}` });
  }

  /** Replaces the file by exactly these events, all or nothing; later ones are added to it. */
  rewrite(events: readonly SiagaEvent[]): void {
    writeEvents(this.#folder, events);
    this.#broken = false;
  }
}

export const eventsPath = (folder: string): string => join(folder, 'events.ndjson');

/**
 * Writes the `events.ndjson` of a folder, all or nothing.
 * @throws {SiagaError} `run-folder-unwritable` (exit 3).
 */
export function writeEvents(folder: string, events: readonly SiagaEvent[]): void {
  const path = eventsPath(folder);
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  attempt(folder, () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    try {
      writeFileSync(draft, events.map(eventLine).join(''), { flag: 'wx', mode: 0o600 });
      renameSync(draft, path);
    } catch (error) {
      rmSync(draft, { force: true });
      throw error;
    }
  });
}

const eventLine = (event: SiagaEvent): string => `${JSON.stringify(event)}\n`;

// A link in its place would lead elsewhere.
const toItsEnd = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;

function append(folder: string, text: string): void {
  const descriptor = openSync(eventsPath(folder), toItsEnd, 0o600);
  try {
    appendFileSync(descriptor, text);
  } finally {
    closeSync(descriptor);
  }
}

function isFull(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT');
}

function attempt<T>(folder: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new SiagaError('run-folder-unwritable', {
      what: 'the folder of this run cannot be written',
      where: folder,
      got: messageOf(error),
      hint: 'make it writable or choose another with --output',
      exitCode: exit.inconclusive,
      cause: error,
    });
  }
}
