import type { StandardSchemaV1 } from '@standard-schema/spec';
import { messageOf } from '../kernel/errors.ts';
import type { Violation } from '../kernel/outcome.ts';
import type { Answered } from './ports.ts';
import { pathOf, show } from './text.ts';

/** A body as its check may use it, or why it cannot. */
export type Reading =
  | { readonly kind: 'usable'; readonly body: unknown }
  | { readonly kind: 'unusable'; readonly violations: readonly Violation[] };

export const unusable = (...violations: Violation[]): Reading => ({ kind: 'unusable', violations });

/** Decodes a whole answer's body as UTF-8. */
export function decode({ body, headers }: Answered): string | Violation {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    const encoding = headers['content-encoding'];
    const head = body
      .subarray(0, 16)
      .reduce((text, byte) => `${text} ${byte.toString(16).padStart(2, '0')}`, '');
    return {
      path: 'body',
      rule: 'the body is UTF-8',
      got: `bytes${head}${encoding === undefined ? '' : ` (content-encoding: ${encoding})`}`,
      allowed: 'UTF-8 text',
    };
  }
}

/** Parses JSON, telling a web page from a text that breaks off. */
export function parseJson(text: string): Reading {
  try {
    return { kind: 'usable', body: JSON.parse(text) };
  } catch (error) {
    return unusable(notJson(text, error as SyntaxError));
  }
}

function notJson(text: string, { message }: SyntaxError): Violation {
  if (/^\s*<(!doctype\s+html|html|head|body)\b/i.test(text)) {
    return { path: 'body', rule: 'the body is JSON, not HTML', got: 'HTML', allowed: 'JSON' };
  }
  const at = Number(/position (\d+)/.exec(message)?.[1] ?? -1);
  const brokenOff = /end of JSON/.test(message) ? text.trim() !== '' : at >= text.trimEnd().length;
  // What it says stands in the excerpt; messages quote what was got.
  const other = text === '' ? 'nothing' : `${text.length} characters of other text`;
  const got = brokenOff ? `breaks off after ${text.length} characters` : other;
  return {
    path: 'body',
    rule: brokenOff ? 'the body is whole JSON' : 'the body is JSON',
    got,
    allowed: 'JSON',
  };
}

/** Holds a parsed body against a schema; each issue becomes a violation at its path. */
export async function applySchema(schema: StandardSchemaV1, body: unknown): Promise<Reading> {
  const result = await attempt(schema, body);
  if (result.issues === undefined) return { kind: 'usable', body: result.value };
  return unusable(...violationsOf(result.issues, body));
}

// A schema is the project's own code, and may do anything.
async function attempt(schema: StandardSchemaV1, body: unknown): Promise<StandardSchemaV1.Result<unknown>> {
  try {
    return await schema['~standard'].validate(body);
  } catch (error) {
    return { issues: [{ message: `a schema that can judge it: it threw ${messageOf(error)}` }] };
  }
}

// A list of a million wrong items is one wrong list.
const mostIssues = 20;

function violationsOf(issues: readonly StandardSchemaV1.Issue[], body: unknown): readonly Violation[] {
  const violations = issues.slice(0, mostIssues).map((issue) => issueViolation(issue, body));
  if (issues.length === violations.length) return violations;
  const got = `${issues.length - violations.length} more places where it does not`;
  return [...violations, { path: 'body', rule: 'the body follows its schema', got, allowed: 'none' }];
}

function issueViolation({ message, path = [] }: StandardSchemaV1.Issue, body: unknown): Violation {
  const keys = path.map((segment) => (typeof segment === 'object' ? segment.key : segment));
  return {
    path: pathOf('body', keys),
    rule: 'the body follows its schema',
    got: show(keys.reduce(child, body)),
    allowed: message,
  };
}

function child(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Record<PropertyKey, unknown>)[key]
    : undefined;
}
