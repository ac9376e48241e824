import type { ExitCode } from '../kernel/exit.ts';
import { exit } from '../kernel/exit.ts';
import { Frame } from './frame.ts';

type Stream = Pick<NodeJS.WriteStream, 'write' | 'on'> &
  Partial<Pick<NodeJS.WriteStream, 'columns' | 'rows' | 'isTTY'>>;

export interface Output {
  stdout(text: string): void;
  stderr(text: string): void;
  /** Lines at the foot of the terminal of stderr, in place of those before; whatever is written stands above them. */
  paint(lines: readonly string[]): void;
  /** What is painted stays where it stands. */
  keep(): void;
  /** What a command ends with, where its result may not have been written: what passed without a result has not passed. */
  exitCode(code: ExitCode): ExitCode;
}

/**
 * Standard output and error whose loss never ends a run: a reader that goes away, a closed terminal or a full disk in
 * mid-fault is no reason to leave the rest undone.
 */
export function openOutput(out: Stream, err: Stream): Output {
  let lost: NodeJS.ErrnoException | undefined;
  const frame = new Frame(err);
  const toErr = (text: string) => frame.above((part) => void err.write(part), text);
  err.on('error', () => undefined);
  out.on('error', (error: NodeJS.ErrnoException) => {
    if (lost === undefined) toErr(`siaga: the result cannot be written to stdout: ${error.message}\n`);
    lost ??= error;
  });
  return {
    // Only where both are the terminal does a result come to stand where the frame is.
    stdout: (text) => (out.isTTY ? frame.above((part) => void out.write(part), text) : void out.write(text)),
    stderr: toErr,
    paint: (lines) => frame.paint(lines),
    keep: () => frame.keep(),
    // Who closes the pipe has read enough; a disk that is full has not.
    exitCode: (code) =>
      lost === undefined || lost.code === 'EPIPE' || code !== exit.passed ? code : exit.inconclusive,
  };
}

interface Streams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/**
 * The streams for Siaga alone. What anybody else in this process prints, such as a project's own code, goes to stderr
 * with its secrets hidden: a result on stdout stays one document.
 */
export function ownStreams(
  { stdout, stderr }: Streams,
  hide: (text: string) => string,
): readonly [Stream, Stream] {
  const own = [aloneOn(stdout), aloneOn(stderr)] as const;
  const [, stderrOnly] = own;
  const stray = (chunk: string | Uint8Array): boolean =>
    stderrOnly.write(hide(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()));
  for (const stream of [stdout, stderr])
    stream.write = (chunk: string | Uint8Array, ...rest: readonly unknown[]) => {
      const done = rest.find((each) => typeof each === 'function');
      if (done) process.nextTick(done);
      return stray(chunk);
    };
  return own;
}

const aloneOn = (stream: NodeJS.WriteStream): Stream => {
  const write = stream.write.bind(stream);
  return new Proxy(stream, {
    get: (_, name) => {
      if (name === 'write') return write;
      const found: unknown = Reflect.get(stream, name);
      return typeof found === 'function' ? found.bind(stream) : found;
    },
  });
};

/** What a stream can show. */
export interface Terminal {
  /** Whether lines can be painted over: a terminal that understands it, and nobody's log. */
  readonly isTerminal: boolean;
  readonly color: boolean;
  /** As it is now: a window may be resized. */
  readonly columns: number;
  readonly rows: number;
}

/** The terminal behind a stream, by its environment: `TERM=dumb` paints nothing, `CI` is a log. */
export function terminalOf(
  stream: { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number },
  env: Readonly<Record<string, string | undefined>>,
): Terminal {
  const capable = stream.isTTY === true && env['TERM'] !== 'dumb';
  return {
    isTerminal: capable && !env['CI'],
    color: capable && !env['NO_COLOR'],
    get columns() {
      return stream.columns || 100;
    },
    get rows() {
      return stream.rows || 24;
    },
  };
}
