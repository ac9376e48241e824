import type { Result, ResultEnvelope } from './envelope.ts';
import { judgedOf, problemOf, problemText, type Judged } from './problem.ts';

// GitHub shows ten annotations of a kind a step, and takes 1 MiB of summary.
const mostAnnotations = 10;
const mostRows = 200;

/** The run as Markdown for `$GITHUB_STEP_SUMMARY`: the verdict, then what failed, then the rest. */
export function stepSummary(envelope: ResultEnvelope): string {
  const { verdict, reason, results, target, speed, repeat } = envelope;
  const rows = results.toSorted((a, b) => rank(a) - rank(b));
  const facts = [
    target && `target ${code(target.name)}`,
    envelope.run && `run ${code(envelope.run)}`,
    speed !== 1 && `speed ${speed}: windows compressed`,
  ].filter(Boolean);
  return [
    `## ${icons[verdict] ?? '❔'} siaga ${inline(envelope.command)}: ${verdict}`,
    '',
    ...(reason === '' ? [] : [`**First:** ${code(reason)}`, '']),
    ...(facts.length === 0 ? [] : [facts.join(' · '), '']),
    ...(rows.length === 0
      ? []
      : ['| | what | found |', '|---|---|---|', ...rows.slice(0, mostRows).map(row)]),
    ...(rows.length > mostRows ? ['', `${rows.length - mostRows} more are in the report.`] : []),
    ...(repeat === null ? [] : ['', `Again: ${code(repeat)}`]),
    '',
  ].join('\n');
}

const icons: Readonly<Record<string, string>> = { passed: '✅', failed: '❌', 'rollback-failed': '🚨' };

// Failures first, then what could not be judged.
function rank(result: Result): number {
  const kind = problemOf(result)?.kind;
  if (kind === 'failure') return 0;
  return kind === 'error' ? 1 : 2;
}

function row(result: Result): string {
  const judged = judgedOf(result);
  const name = result.kind === 'error' ? result.code : result.name;
  return `| ${marks[judged.kind]} | ${result.kind} ${code(name)} | ${cell(judged)} |`;
}

const marks: Readonly<Record<Judged['kind'], string>> = {
  passed: '✅',
  skipped: '⏭️',
  failure: '❌',
  error: '⚠️',
};

function cell(judged: Judged): string {
  if (judged.kind === 'passed') return '';
  if (judged.kind === 'skipped') return code(`not run: ${judged.reason}`);
  const [first = '', ...more] = judged.lines;
  const others = more.length > 0 ? ` and ${more.length} more` : '';
  const said = judged.said === undefined ? '' : `, it said ${code(judged.said)}`;
  return first === '' ? '' : `${code(first)}${others}${said}`;
}

const longestCell = 300;

/** Any text as one line of Markdown code that no backtick, bar or line break ends early. */
function code(text: string): string {
  const line = inline(text)
    .slice(0, longestCell)
    .toWellFormed()
    .replaceAll('|', String.raw`\|`);
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${line}${fence}` : `${fence} ${line} ${fence}`;
}

const inline = (text: string): string => text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');

/** Annotations as GitHub's workflow commands, one a line, failures first: at most ten errors and ten warnings. */
export function annotations(envelope: ResultEnvelope): readonly string[] {
  const found = envelope.results.flatMap((result) => {
    const problem = problemOf(result);
    if (problem === undefined) return [];
    const name = result.kind === 'error' ? result.code : result.name;
    const level = problem.kind === 'failure' ? 'error' : 'warning';
    return [{ level, title: `siaga ${result.kind} ${name}`, message: problemText(problem) }] as const;
  });
  return (['error', 'warning'] as const).flatMap((level) =>
    found
      .filter((one) => one.level === level)
      .slice(0, mostAnnotations)
      .map(({ title, message }) => `::${level} title=${property(title)}::${data(message)}`),
  );
}

// https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
