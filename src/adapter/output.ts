import type { ExitCode } from '../kernel/exit.ts';
import { exit } from '../kernel/exit.ts';

type Stream = Pick<NodeJS.WriteStream, 'write' | 'on'>;

export interface Output {
  stdout(text: string): void;
  stderr(text: string): void;
  /** What a command ends with, where its result may not have been written: what passed untold has not passed. */
  told(code: ExitCode): ExitCode;
}

/**
 * Standard output and error whose loss never ends a run: a reader that goes away, a closed terminal or a full disk in
 * mid-fault is no reason to leave the rest undone.
 */
export function openOutput(out: Stream, err: Stream): Output {
  let lost: NodeJS.ErrnoException | undefined;
  err.on('error', () => undefined);
  out.on('error', (error: NodeJS.ErrnoException) => {
    if (lost === undefined) err.write(`siaga: the result cannot be written to stdout: ${error.message}\n`);
    lost ??= error;
  });
  return {
    stdout: (text) => void out.write(text),
    stderr: (text) => void err.write(text),
    // Who closes the pipe has read enough; a disk that is full has not.
    told: (code) =>
      lost === undefined || lost.code === 'EPIPE' || code !== exit.passed ? code : exit.inconclusive,
  };
}
