import type { Result, ResultEnvelope } from './envelope.ts';
import { unreachable } from '../kernel/never.ts';
import { judgedOf, problemText, type Judged } from './problem.ts';

/**
 * A run as JUnit XML. A `failure` is an assertion that did not hold; an `error` is something that could not be
 * judged, so that a CI can tell a broken target from a broken check.
 */
export function junit(envelope: ResultEnvelope): string {
  const suites = Map.groupBy(envelope.results, ({ kind }) => kind);
  const children = [...suites].map(([kind, results]) => suite(kind, results, envelope));
  const attributes = { name: `siaga ${envelope.command}`, ...counts(envelope.results) };
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', attributes, children)}\n`;
}

function suite(kind: Result['kind'], results: readonly Result[], envelope: ResultEnvelope): Xml {
  const timestamp = envelope.startedAt.slice(0, 19);
  const hostname = envelope.target?.name ?? '';
  const attributes = { name: `siaga.${kind}`, ...counts(results), timestamp, hostname };
  return element('testsuite', attributes, results.map(testcase));
}

function counts(results: readonly Result[]) {
  const judged = results.map(judgedOf);
  const of = (kind: Judged['kind']): number => judged.filter((each) => each.kind === kind).length;
  const time = seconds(results.reduce((sum, result) => sum + durationMs(result), 0));
  const [failures, errors, skipped] = [of('failure'), of('error'), of('skipped')];
  return { tests: results.length, failures, errors, skipped, time };
}

function testcase(result: Result): Xml {
  const name = result.kind === 'error' ? result.code : result.name;
  const attributes = { classname: `siaga.${result.kind}`, name, time: seconds(durationMs(result)) };
  return element('testcase', attributes, bodyOf(judgedOf(result)));
}

function bodyOf(judged: Judged): Xml[] {
  switch (judged.kind) {
    case 'passed':
      return [];
    case 'skipped':
      return [element('skipped', { message: `not run: ${judged.reason}` }, '')];
    case 'failure':
    case 'error': {
      const [message = judged.type] = judged.lines;
      return [element(judged.kind, { message, type: judged.type }, problemText(judged))];
    }
    default:
      return unreachable(judged);
  }
}

const durationMs = (result: Result): number => ('durationMs' in result ? (result.durationMs ?? 0) : 0);
const seconds = (ms: number): string => (ms / 1_000).toFixed(3);

declare const brand: unique symbol;
/** Text that is XML already. */
type Xml = string & { readonly [brand]: 'xml' };

/** An element with its attributes and its text or children, well-formed for any text whatever. */
function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  content: string | readonly Xml[],
): Xml {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(String(value))}"`);
  const inner = typeof content === 'string' ? escapeXml(content) : content.join('');
  const open = `<${name}${written.join('')}`;
  return (inner === '' ? `${open}/>` : `${open}>${inner}</${name}>`) as Xml;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\n': '&#10;',
  '\r': '&#13;',
  '\t': '&#9;',
};

// XML 1.0 has no way at all to write most control characters, half surrogates, U+FFFE and U+FFFF.
const unwritable = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

/** Any text as XML character data or attribute value; characters that XML cannot hold are removed. */
function escapeXml(text: string): string {
  return text
    .replaceAll(unwritable, '')
    .replaceAll(/[&<>"'\n\r\t]/g, (character) => entities[character] ?? '');
}
