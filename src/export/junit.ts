import type { Result, ResultEnvelope } from './envelope.ts';
import { unreachable } from '../kernel/never.ts';
import { judgedOf, problemText, type Judged } from './problem.ts';
import { element, type Xml } from './xml.ts';

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
