import type { PartResult, Result, ResultEnvelope } from './envelope.ts';
import { problemOf, problemText, type Problem } from './problem.ts';
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
  const problems = results.map(problemOf);
  const of = (kind: Problem['kind']): number => problems.filter((problem) => problem?.kind === kind).length;
  const time = seconds(results.reduce((sum, result) => sum + durationMs(result), 0));
  const skipped = results.filter(isSkipped).length;
  return { tests: results.length, failures: of('failure'), errors: of('error'), skipped, time };
}

function testcase(result: Result): Xml {
  const name = result.kind === 'error' ? result.code : result.name;
  const attributes = { classname: `siaga.${result.kind}`, name, time: seconds(durationMs(result)) };
  const problem = problemOf(result);
  if (isSkipped(result))
    return element('testcase', attributes, [
      element('skipped', { message: `not run: ${result.reason}` }, ''),
    ]);
  if (problem === undefined) return element('testcase', attributes, []);
  const [message = problem.type] = problem.lines;
  const body = element(problem.kind, { message, type: problem.type }, problemText(problem));
  return element('testcase', attributes, [body]);
}

const isSkipped = (result: Result): result is PartResult =>
  result.kind === 'part' && result.outcome === 'not-run';

const durationMs = (result: Result): number => ('durationMs' in result ? (result.durationMs ?? 0) : 0);
const seconds = (ms: number): string => (ms / 1_000).toFixed(3);
