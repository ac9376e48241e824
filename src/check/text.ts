import { redactor as secretRedactor } from '../kernel/redact.ts';
import type { Violation } from '../kernel/outcome.ts';

const longestGot = 200;
const longestExcerpt = 300;
const longestBodyBytes = 4_096;

/** Makes what a target said fit to be written down. */
export interface Redactor {
  /** One line of at most 200 characters, without control characters and secrets. */
  line(text: string): string;
  /** As `line`, of at most 300 characters. */
  excerpt(text: string): string;
  /** The beginning of a body, at most 4 KiB, line breaks kept. */
  body(text: string): string;
}

/** @param secrets values that may never be written, in whatever form a target echoes them */
export function redactor(secrets: readonly string[]): Redactor {
  const hide = secretRedactor(secrets);
  // Hidden before and after: a secret may itself hold a space, or be written with an invisible character inside.
  const oneLine = (text: string): string => hide(printable(hide(text).replaceAll(/\s+/g, ' ')));
  return {
    line: (text) => shorten(oneLine(text), longestGot),
    excerpt: (text) => shorten(oneLine(text), longestExcerpt),
    body: (text) => shortenBytes(hide(printable(hide(text)))),
  };
}

// Controls could drive a terminal, format characters could reorder what a person reads.
function printable(text: string): string {
  return text.toWellFormed().replaceAll(/[^\P{C}\n\t]/gu, '');
}

function shorten(text: string, length: number): string {
  if (text.length <= length) return text.trim();
  return `${text
    .slice(0, length - 1)
    .toWellFormed()
    .trim()}…`;
}

function shortenBytes(text: string): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= longestBodyBytes) return text;
  // A character cut in half at the end becomes U+FFFD, which takes three bytes itself.
  return new TextDecoder().decode(bytes.subarray(0, longestBodyBytes - 3)).replace(/\uFFFD$/, '');
}

/** A value as a person reads it: `missing`, `null`, `"okx"`, `{"a":1}`. */
export function show(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  try {
    return JSON.stringify(value) ?? typeof value;
  } catch {
    return typeof value;
  }
}

/** `body.orderBook.bids[0]` of `['orderBook', 'bids', 0]`. */
export function pathOf(root: string, keys: readonly PropertyKey[]): string {
  return keys.reduce<string>(
    (path, key) =>
      typeof key === 'number' || /^\d+$/.test(String(key))
        ? `${path}[${String(key)}]`
        : `${path}.${String(key)}`,
    root,
  );
}

/** A URL or path without its query and fragment, where secrets like to hide. */
export function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/s, '').replace(/\/\/[^/@]*@/, '//');
}

/** That a function of the project gave something of no use, from this answer. */
export const notAValue = (path: string, rule: string, given: unknown, allowed: string): Violation => ({
  path,
  rule,
  got: showGiven(given),
  allowed,
});

/** A text in quotes, `900n`, `a Promise`, `{"a":1}`. */
function showGiven(given: unknown): string {
  if (given === undefined) return 'undefined';
  if (typeof given === 'bigint') return `${given}n`;
  const kind = Object.prototype.toString.call(given).slice(8, -1);
  if (Array.isArray(given)) return `[${given.map(showGiven).join(', ')}]`;
  return typeof given === 'object' && given !== null && kind !== 'Object' ? `a ${kind}` : show(given);
}
