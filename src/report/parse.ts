import type { SiagaEvent } from '../event/envelope.ts';
import { eventFault } from '../event/shapes/event.ts';
import { upgrade } from '../event/upgrade.ts';
import type { ShapeFault } from '../event/shapes/shape.ts';
import { show } from '../kernel/diagnostic.ts';
import { SiagaError } from '../kernel/errors.ts';
import { member } from '../kernel/shape.ts';

/**
 * The events of one run from the text of an `events.ndjson`.
 * @param file how the file is named in errors
 * @throws {SiagaError} `bad-events` (exit 2) with the line and the path in it: cut off, not JSON, not as the published
 * schema says, out of order, of two runs.
 */
export function parseEvents(text: string, file: string): readonly SiagaEvent[] {
  const lines = text.split('\n');
  const rest = lines.pop() ?? '';
  if (rest !== '' && !isWhole(rest))
    throw bad(file, lines.length + 1, `cut off: ${show(rest)}`, 'a file that ends with a whole line');
  const events: SiagaEvent[] = [];
  for (const [index, line] of [...lines, ...(rest === '' ? [] : [rest])].entries())
    events.push(parseLine(line, index + 1, events.at(-1), file));
  if (events.length === 0) throw bad(file, 1, 'the file is empty', 'the events of one run');
  requireRun(events, file);
  return events;
}

function parseLine(line: string, number: number, before: SiagaEvent | undefined, file: string): SiagaEvent {
  const value = jsonOf(line, number, file);
  const fault = eventFault(value);
  if (fault !== undefined) throw bad(file, number, gotAt(fault), fault.allowed);
  const event = upgrade(value as unknown as SiagaEvent);
  const disorder = orderFault(event, before);
  if (disorder !== undefined) throw bad(file, number, disorder, 'the events of one run in order of sequence');
  return event;
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

function orderFault({ seq, run }: SiagaEvent, before: SiagaEvent | undefined): string | undefined {
  if (before === undefined) return undefined;
  if (run !== before.run) return `run ${show(run)} after run ${show(before.run)}`;
  return seq > before.seq ? undefined : `sequence ${seq} after ${before.seq}`;
}

// Every bucket between the first event and the last is judged: a longer run is none of ours.
const mostBuckets = 200_000;
const minute = 60_000;

/** What no line shows by itself: that there is one start, and that the times fit to each other. */
function requireRun(events: readonly SiagaEvent[], file: string): void {
  const starts = [...events.entries()].filter(([, { type }]) => type === 'run.started');
  const [[index, started] = []] = starts;
  if (index === undefined || started?.type !== 'run.started')
    throw bad(file, 1, 'no event starts a run', 'a run.started event');
  const [, second] = starts;
  if (second !== undefined) throw bad(file, second[0] + 1, 'another run.started', 'one run.started event');
  const { bucketMs, speed } = started.data.judge;
  if (Math.abs(bucketMs * speed - minute) > 1)
    throw bad(
      file,
      index + 1,
      `data.judge.bucketMs is ${bucketMs} at speed ${speed}`,
      `${minute} divided by the speed`,
    );
  const times = events.map(({ at }) => at);
  const from = times.reduce((least, at) => Math.min(least, at));
  const late = times.findIndex((at) => (at - from) / bucketMs > mostBuckets);
  if (late !== -1)
    throw bad(
      file,
      late + 1,
      `at is ${new Date(times[late] ?? 0).toISOString()}`,
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
