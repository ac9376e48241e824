import type { EventOf } from '../envelope.ts';
import type { EventType } from '../catalogue.ts';
import type { Json } from '../../kernel/json.ts';
import { payloads } from './catalogue.ts';
import { json } from './json.ts';
import { object, oneOf, optional, text, yes, type Shape, type ShapeFault } from './shape.ts';
import { figure, moment, sequence } from './units.ts';

const types = Object.keys(payloads) as EventType[];

const version: Shape<1> = {
  schema: { const: 1 },
  fault: (got) => (got === 1 ? undefined : { path: [], got, allowed: 'version 1' }),
};

type Envelope = Omit<EventOf<EventType>, 'data'> & { readonly data: Json };

// What it holds is judged by its type.
const parts = {
  v: version,
  seq: sequence,
  run: text,
  at: moment,
  mono: figure,
  boot: text,
  data: json,
  unrecorded: optional(yes),
};
const envelope = object<Envelope>({ ...parts, type: oneOf(...types) });
const anyEnvelope = object<Omit<Envelope, 'type'> & { readonly type: string }>({ ...parts, type: text });

/** An event of a type that a later version, or another program, writes: sound but for that. */
export function isUnknown(value: unknown): value is Omit<Envelope, 'type'> & { readonly type: string } {
  if (anyEnvelope.fault(value) !== undefined) return false;
  const { type } = value as { readonly type: string };
  return !types.some((known) => known === type);
}

/** What is wrong with something that should be an event, if anything. */
export function eventFault(value: unknown): ShapeFault | undefined {
  const fault = envelope.fault(value);
  if (fault !== undefined) return fault;
  const { type, data } = value as EventOf<EventType>;
  const inside = (payloads[type] as Shape<unknown>).fault(data);
  return inside && { ...inside, path: ['data', ...inside.path] };
}

/** One line of an `events.ndjson` as JSON Schema. */
export function eventSchema(): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:siaga:event:1',
    title: 'Siaga event',
    description:
      'One line of an events.ndjson. Fields and kinds of events are added, never removed, within one version: readers ignore fields they do not know. Times are UTC milliseconds, durations milliseconds.',
    ...envelope.schema,
    oneOf: types.map((type) => ({
      properties: { type: { const: type }, data: payloads[type].schema },
    })),
  };
}

/** Every word that the schema gives a meaning: names of fields, of kinds and of choices. */
export function schemaWords(): readonly string[] {
  const words = new Set<string>();
  collectWords(eventSchema(), words, new Set());
  return [...words];
}

// What stands in many places is the same object, and is read once: it is done at every start.
function collectWords(schema: unknown, words: Set<string>, seen: Set<object>): void {
  if (typeof schema !== 'object' || schema === null || seen.has(schema)) return;
  seen.add(schema);
  for (const [key, value] of Object.entries(schema) as [string, unknown][]) {
    if (key === 'enum') for (const word of value as string[]) words.add(word);
    else if (key === 'properties') collectNamed(value as object, words, seen);
    else collectWords(value, words, seen);
  }
}

function collectNamed(properties: object, words: Set<string>, seen: Set<object>): void {
  for (const [name, schema] of Object.entries(properties)) {
    words.add(name);
    collectWords(schema, words, seen);
  }
}
