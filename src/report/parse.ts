import type { Catalogue, EventType } from '../event/catalogue.ts';
import type { SiagaEvent } from '../event/envelope.ts';
import { SiagaError } from '../kernel/errors.ts';

/** What a payload must hold to be what its type says. */
const needed: { readonly [T in EventType]: readonly (keyof Catalogue[T] & string)[] } = {
  'run.started': ['command', 'subject', 'target', 'judge', 'contacts', 'endpoints', 'versions', 'repeat'],
  'run.phase': ['phase'],
  'run.finished': ['verdict', 'exitCode', 'reason'],
  'run.interrupted': ['signal'],
  'run.problem': ['code', 'message'],
  samples: ['signal', 'labels', 'source', 'from', 'to', 'data'],
  'check.asked': ['check'],
  'check.finished': ['check', 'tags', 'outcome', 'violations', 'states'],
  'sampling.late': ['check', 'latenessMs', 'skipped'],
  'sampling.dropped': ['signal', 'count'],
  'load.started': ['load', 'tool', 'rate'],
  'load.exception': ['message', 'count'],
  'load.finished': ['load', 'outcome', 'violations', 'requests', 'achievedRate', 'offeredRate', 'endpoints'],
  'toggle.planned': ['experiment', 'values', 'before', 'purpose', 'via', 'place'],
  'toggle.applied': ['values', 'purpose', 'via', 'durationMs', 'ok'],
  'toggle.read': ['values', 'abnormal', 'ok'],
  'drill.lease': ['state', 'experiment', 'expiresAt', 'processes'],
  'experiment.started': ['name', 'requirements', 'hypothesis', 'expects', 'faults', 'expectations'],
  'experiment.phase': ['experiment', 'phase'],
  'expectation.settled': ['experiment', 'expectation', 'outcome', 'got', 'allowed', 'evidence'],
  'experiment.finished': ['name', 'verdict', 'reasons', 'timings'],
  'fault.planned': ['experiment', 'fault', 'proxy', 'kind', 'attributes', 'forMs'],
  'fault.injected': ['fault', 'proxy'],
  'fault.proof': ['fault', 'proven', 'why', 'through', 'past', 'calls'],
  'fault.removed': ['fault', 'proxy', 'by', 'rung'],
  'fault.stuck': ['fault', 'proxy', 'tried'],
  'incident.transition': ['incident', 'group', 'ordinal', 'effectiveAt', 'drill', 'change'],
  'incident.bucket': ['incident', 'hold', 'from', 'band', 'count', 'of', 'readings'],
  'incident.blind': ['signal', 'sinceMs'],
  'incident.resumed': ['gapMs'],
  'incident.noticed': ['run', 'seq'],
  'incident.snapshot': [],
  'clock.jump': ['wallMs', 'monotonicMs'],
  tick: ['bucket'],
  'message.requested': ['message', 'incident', 'channel', 'template', 'text'],
  'message.delivered': ['message', 'channel', 'attempt'],
  'message.failed': ['message', 'channel', 'attempt', 'reason'],
  'message.dead': ['message', 'channel', 'reason'],
};

/**
 * The events of one run from the text of an `events.ndjson`.
 * @param file how the file is named in errors
 * @throws {SiagaError} `bad-events` (exit 2) with the line: cut off, not JSON, not ours, out of order, of two runs.
 */
export function parseEvents(text: string, file: string): readonly SiagaEvent[] {
  const lines = text.split('\n');
  const rest = lines.pop() ?? '';
  if (rest !== '' && !isWhole(rest))
    throw bad(file, lines.length + 1, `cut off: ${rest.slice(0, 60)}`, 'a file that ends with a whole line');
  const events: SiagaEvent[] = [];
  for (const [index, line] of [...lines, ...(rest === '' ? [] : [rest])].entries())
    events.push(parseLine(line, index + 1, events.at(-1), file));
  if (events.length === 0) throw bad(file, 1, 'the file is empty', 'the events of one run');
  if (!events.some(({ type }) => type === 'run.started'))
    throw bad(file, 1, 'no event starts a run', 'a run.started event');
  return events;
}

function parseLine(line: string, number: number, before: SiagaEvent | undefined, file: string): SiagaEvent {
  const value = jsonOf(line, number, file);
  const fault = envelopeFault(value) ?? orderFault(value, before);
  if (fault !== undefined)
    throw bad(file, number, fault, 'an event of Siaga, one a line, in order of sequence');
  return value as unknown as SiagaEvent;
}

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
    throw bad(file, number, `not JSON: ${line.slice(0, 60)}`, 'one JSON object a line');
  }
  throw bad(file, number, `no object: ${line.slice(0, 60)}`, 'one JSON object a line');
}

function envelopeFault({ v, seq, run, at, type, data }: Raw): string | undefined {
  if (v !== 1) return `version ${JSON.stringify(v) ?? 'none'}`;
  if (typeof seq !== 'number' || typeof at !== 'number' || typeof run !== 'string')
    return 'no seq, at or run';
  if (!Number.isFinite(new Date(at).getTime())) return `at ${at}`;
  if (typeof type !== 'string' || !Object.hasOwn(needed, type))
    return `type ${JSON.stringify(type) ?? 'none'}`;
  if (!isRecord(data)) return `${type} without data`;
  const missing = needed[type as EventType].find((key) => data[key] === undefined);
  return missing === undefined ? undefined : `${type} without ${missing}`;
}

function orderFault({ seq, run }: Raw, before: SiagaEvent | undefined): string | undefined {
  if (before === undefined) return undefined;
  if (run !== before.run) return `run ${String(run)} after run ${before.run}`;
  return Number(seq) > before.seq ? undefined : `sequence ${String(seq)} after ${before.seq}`;
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
