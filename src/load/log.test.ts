import { expect, test } from 'vitest';
import { readLog } from './log.ts';

const stack = 'Error: no\n\tat default (file:///a.js:5:119(14))\n';
const late =
  'GoError: rate: Wait(n=1) would exceed context deadline\n\tat go.k6.io/k6/js/modules/k6/http.(*Client).Request-fm (native)\n';
const summary = 'Error: boom\n\tat handleSummary (file:///b.ts:4:41(3))\n';

// As k6 1.8.1 and 2.2.0 write them.
test.each([
  ['an exception, 1.x', { level: 'error', msg: stack, source: 'stacktrace', scenario: 'a' }, 'exception'],
  [
    'an exception, 2.x',
    { level: 'error', msg: stack, source: 'stacktrace', hint: 'script exception' },
    'exception',
  ],
  ['handleSummary, 1.x', { level: 'error', msg: summary, hint: 'script exception' }, 'summary-exception'],
  [
    'handleSummary, 2.x',
    { level: 'error', msg: summary, hint: 'script exception', source: 'stacktrace' },
    'summary-exception',
  ],
  [
    'its files',
    { level: 'error', msg: 'failed to handle the end-of-test summary', error: 'denied' },
    'summary-exception',
  ],
  [
    'an unknown option',
    { level: 'warning', msg: 'There were unknown fields in the options exported in the script', error: 'x' },
    'unknown-option',
  ],
  [
    'crossed thresholds',
    { level: 'error', msg: "thresholds on metrics 'a{b:c}, d' have been crossed" },
    'thresholds-crossed',
  ],
  ['another error', { level: 'error', msg: 'no space left' }, 'error'],
  ['a port that is taken', { level: 'error', msg: 'Error from API server', error: 'in use' }, 'nothing'],
  [
    'a request whose turn comes after the end',
    { level: 'error', msg: late, source: 'stacktrace' },
    'nothing',
  ],
  ['a failed request', { level: 'warning', msg: 'Request Failed', error: 'refused' }, 'nothing'],
  ['what a script prints', { level: 'error', msg: stack, source: 'console' }, 'nothing'],
])('%s', (_, line, kind) => {
  expect(readLog(JSON.stringify(line)).kind).toBe(kind);
});

// As k6 1.8.1 writes them at the end of a run, and when a threshold ends it.
test.each([
  "thresholds on metrics 'a{b:c, d:e}, f' have been crossed",
  "thresholds on metrics 'a{b:c, d:e}, f' were crossed; at least one has abortOnFail enabled, stopping test prematurely",
])('row 8: crossed thresholds are told by metric: %s', (msg) => {
  expect(readLog(JSON.stringify({ level: 'error', msg }))).toEqual({
    kind: 'thresholds-crossed',
    list: 'a{b:c, d:e}, f',
  });
});

test('a message is one bounded line without control characters', () => {
  const finding = readLog(JSON.stringify({ level: 'error', msg: `a\u001B[31m\nb${'c'.repeat(1_000)}` }));
  expect(finding).toMatchObject({ kind: 'error', message: expect.stringMatching(/^a \[31m bc{200,}$/) });
});

test.each(['not json', '', '[]', 'null'])('%j means nothing', (text) => {
  expect(readLog(text)).toEqual({ kind: 'nothing' });
});
