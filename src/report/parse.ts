import type { SiagaEvent } from '../event/envelope.ts';
import { eventFault, isUnknown } from '../event/shapes/event.ts';
import { upgrade } from '../event/upgrade.ts';
import type { ShapeFault } from '../event/shapes/shape.ts';
import { show } from '../kernel/nearest.ts';
import { SiagaError } from '../kernel/errors.ts';
import { member } from '../kernel/shape.ts';

/** The events of a file, and how many of each type were left out because nobody here knows that type. */
export interface EventFile {
  readonly events: readonly SiagaEvent[];
  readonly unknown: Readonly<Record<string, number>>;
}

/**
 * The events of one run from the text of an `events.ndjson`. One of a type that this version does not know is left out and
 * counted: nothing rests on it.
 * @param file how the file is named in errors
 * @throws {SiagaError} `bad-events` (exit 2) with the line and the path in it: cut off, not JSON, not as the published
 * schema says, out of order, of two runs.
 */
export function parseEvents(text: string, file: string): EventFile {
  const lines = text.split('\n');
  const rest = lines.pop() ?? '';
  if (rest !== '' && !isWhole(rest))
    throw bad(file, lines.length + 1, `cut off: ${show(rest)}`, 'a file that ends with a whole line');
  const all: Line[] = [];
  for (const [index, line] of [...lines, ...(rest === '' ? [] : [rest])].entries())
    all.push(parseLine(line, index + 1, all.at(-1), file));
  if (all.length === 0) throw bad(file, 1, 'the file is empty', 'the events of one run');
  const known = all.flatMap((line) => (line.event === undefined ? [] : [{ ...line, event: line.event }]));
  requireRun(known, file);
  const unknown = Map.groupBy(
    all.filter(({ event }) => event === undefined),
    ({ type }) => type,
  );
  return {
    events: known.map(({ event }) => event),
    unknown: Object.fromEntries([...unknown].map(([type, { length }]) => [type, length])),
  };
}

interface Line {
  readonly number: number;
  readonly seq: number;
  readonly run: string;
  readonly type: string;
  /** Absent where nobody here knows its type. */
  readonly event: SiagaEvent | undefined;
}

function parseLine(line: string, number: number, before: Line | undefined, file: string): Line {
  const value = jsonOf(line, number, file);
  const unknown = isUnknown(value);
  const fault = unknown ? undefined : eventFault(value);
  if (fault !== undefined) throw bad(file, number, gotAt(fault), fault.allowed);
  const { seq, run, type } = value as unknown as SiagaEvent;
  const event = unknown ? undefined : upgrade(value as unknown as SiagaEvent);
  const parsed = { number, seq, run, type, event };
  const disorder = orderFault(parsed, before);
  if (disorder !== undefined) throw bad(file, number, disorder, 'the events of one run in order of sequence');
  return parsed;
}

const gotAt = ({ path, got }: ShapeFault): string =>
  `${pathTo(path)} is ${got === undefined ? 'missing' : show(got)}`;

const pathTo = (keys: ShapeFault['path']): string =>
  keys.reduce<string>((at, key) => (typeof key === 'number' ? `${at}[${key}]` : member(at, key)), '');

function isWhole(line: string): boolean {
  try {
    return isRecord(JSON.parse(line));
  } catch {
    return false;
  }
}

type Raw = Readonly<Record<string, unknown>>;

function jsonOf(line: string, number: number, file: string): Raw {
  try {
    const value: unknown = JSON.parse(line);
    if (isRecord(value)) return value;
  } catch {
    throw bad(file, number, `not JSON: ${show(line)}`, 'one JSON object a line');
  }
  throw bad(file, number, `no object: ${show(line)}`, 'one JSON object a line');
}

function orderFault({ seq, run }: Line, before: Line | undefined): string | undefined {
  if (before === undefined) return undefined;
  if (run !== before.run) return `run ${show(run)} after run ${show(before.run)}`;
  return seq > before.seq ? undefined : `sequence ${seq} after ${before.seq}`;
}

// Every bucket between the first event and the last is judged: a longer run is none of ours.
const mostBuckets = 200_000;
const minute = 60_000;

/** What no line shows by itself: that there is one start, and that the times fit to each other. */
function requireRun(
  lines: readonly { readonly number: number; readonly event: SiagaEvent }[],
  file: string,
): void {
  const [first, second] = lines.flatMap(({ number, event }) =>
    event.type === 'run.started' ? [{ number, started: event }] : [],
  );
  if (first === undefined) throw bad(file, 1, 'no event starts a run', 'a run.started event');
  if (second !== undefined) throw bad(file, second.number, 'another run.started', 'one run.started event');
  const { number, started } = first;
  const { bucketMs, speed } = started.data.judge;
  if (Math.abs(bucketMs * speed - minute) > 1)
    throw bad(
      file,
      number,
      `data.judge.bucketMs is ${bucketMs} at speed ${speed}`,
      `${minute} divided by the speed`,
    );
  const from = lines.reduce((least, { event }) => Math.min(least, event.at), Infinity);
  const late = lines.find(({ event }) => (event.at - from) / bucketMs > mostBuckets);
  if (late !== undefined)
    throw bad(
      file,
      late.number,
      `at is ${new Date(late.event.at).toISOString()}`,
      `less than ${mostBuckets} buckets after the first event, ${new Date(from).toISOString()}`,
    );
}

function isRecord(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function bad(file: string, line: number, got: string, allowed: string): SiagaError {
  return new SiagaError('bad-events', {
    what: 'these events cannot be read',
    where: `${file}, line ${line}`,
    got,
    allowed,
    exitCode: 2,
  });
}
