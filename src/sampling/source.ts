import type { Duration } from '../kernel/duration.ts';

/** Where a number is read. `${NAME}` in texts comes from the environment; a source whose variables are not set is not read. */
export type SourceRead =
  /** A program and its arguments, without a shell, in the project's folder. It prints one number and ends with exit code 0. */
  | { readonly command: readonly string[] }
  /** Asked by GET. `pick` takes the number out of the answer: what its JSON holds, or its text where it is none. */
  | {
      readonly url: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly pick: (body: unknown) => number;
    }
  /** Its signal aborts when the time is up. */
  | ((signal: AbortSignal) => number | Promise<number>);

/** A source of a signal that a project defines itself: it yields a number, in the unit of the signals that name it. */
export interface Source {
  /** What `source: { own: … }` in the runbook names; unique in the project. Lower-case words joined by -. */
  readonly name: string;
  /** How often it is read while samples are taken; real time, 100 ms or more. A round reads it once at least. */
  readonly every: Duration;
  /** Longest that one reading may take; at most 30 s. */
  readonly timeout: Duration;
  readonly read: SourceRead;
}

/** Declares a source, in a file of `sources/`. Whatever goes wrong in it is no sample and a problem with its name, never the end of a run. */
export function defineSource(source: Source): Source {
  return source;
}
