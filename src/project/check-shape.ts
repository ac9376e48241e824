import type { HttpCheck, WebSocketCheck } from '../check/definition.ts';
import {
  isRecord,
  type Rule,
  anything,
  callable,
  like,
  duration,
  either,
  fields,
  flag,
  list,
  number,
  object,
  oneOf,
  record,
  text,
  standardSchema,
  kebab,
} from '../kernel/shape.ts';
import { severities } from '../runbook/shape.ts';

const path = like(/^\//, "a path that begins with '/'");
const tags = list(text(), { what: 'tags' });
const headers = record(text());
const functions = record(callable);

const optional = {
  title: text(),
  severity: oneOf(...severities),
  invariants: functions,
  samples: functions,
  states: functions,
  unanswered: object<NonNullable<HttpCheck['unanswered']>>(
    {},
    { samples: record(anything), states: record(anything) },
  ),
  keepBody: flag,
  sideEffects: oneOf('none', 'writes'),
  maxPerHour: number({ min: 1, whole: true }),
  counted: flag,
};
const required = { name: kebab, tags, every: duration() };

const status = number({ min: 100, max: 599, whole: true });

const request = object<HttpCheck['request']>(
  { path, timeout: duration({ maxMs: 600_000, allowed: 'up to 10m' }) },
  {
    method: oneOf('GET', 'HEAD', 'POST', 'PUT', 'DELETE'),
    headers,
    body: anything,
    direct: text('the name of a proxy'),
    past: text('the name of a proxy'),
    through: text('the name of a proxy'),
  },
);

const response = object<HttpCheck['response']>(
  { status: either(status, list(status, { min: 1, what: 'statuses' })) },
  {
    contentType: text(),
    headers: either(
      list(text(), { what: 'header names' }),
      fields({ anyOf: list(list(text()), { min: 1 }) }),
    ),
    body: standardSchema,
    within: duration(),
    maxBytes: number({ min: 1, whole: true }),
  },
);

const socket = object<WebSocketCheck['socket']>(
  { path, send: record(anything), timeout: duration({ maxMs: 600_000, allowed: 'up to 10m' }) },
  { headers, correlate: text(), count: number({ min: 1, max: 1_000, whole: true }) },
);

const reply = object<WebSocketCheck['reply']>({}, { body: standardSchema, within: duration() });

const httpShape = object<HttpCheck>({ ...required, request, response }, optional);
const socketShape = object<WebSocketCheck>({ ...required, socket, reply }, optional);

/** The fields of a check, their types and bounds. */
export const checkShape: Rule = (found, at) =>
  isRecord(found) && 'socket' in found ? socketShape(found, at) : httpShape(found, at);

/** Whether an exported value was meant as a check, sound or not. */
export const looksLikeCheck = (found: unknown): boolean =>
  isRecord(found) && ('request' in found || 'socket' in found) && ('name' in found || 'every' in found);
