import { expect, test } from 'vitest';
import { answerOf } from './answer.ts';

const timeoutMs = 2_000;
type Row = readonly [string, number, Record<string, string>, object];

const rows: readonly Row[] = [
  ['an answer', 12, { status: '200' }, { outcome: 'ok', serverError: false, latencyMs: 12 }],
  ['a redirect', 12, { status: '302' }, { outcome: 'ok', serverError: false, latencyMs: 12 }],
  ['a missing page', 12, { status: '404' }, { outcome: 'error', serverError: false, latencyMs: 12 }],
  [
    'mutant: the first status that is an error',
    12,
    { status: '400' },
    { outcome: 'error', serverError: false, latencyMs: 12 },
  ],
  [
    'mutant: the last status that is none',
    12,
    { status: '399' },
    { outcome: 'ok', serverError: false, latencyMs: 12 },
  ],
  [
    'mutant: the first status of a broken server',
    12,
    { status: '500' },
    { outcome: 'error', serverError: true, latencyMs: 12 },
  ],
  ['a broken server', 12, { status: '503' }, { outcome: 'error', serverError: true, latencyMs: 12 }],
  ['our own rate limit', 1, { status: '429' }, { outcome: 'throttled', serverError: false }],
  [
    'a timeout',
    1_900,
    { status: '0', error_code: '1050' },
    { outcome: 'error', serverError: false, latencyMs: 2_000 },
  ],
  [
    'a connection that times out',
    0,
    { status: '0', error_code: '1211' },
    { outcome: 'error', serverError: false, latencyMs: 2_000 },
  ],
  [
    'a timeout longer than ours',
    5_000,
    { status: '0', error_code: '1050' },
    { outcome: 'error', serverError: false, latencyMs: 5_000 },
  ],
  ['a refused connection', 0, { status: '0', error_code: '1212' }, { outcome: 'error', serverError: false }],
  [
    'a connection reset half-way',
    80,
    { status: '0', error_code: '1220' },
    { outcome: 'error', serverError: false, latencyMs: 80 },
  ],
  [
    'no status, expected',
    5,
    { expected_response: 'true' },
    { outcome: 'ok', serverError: false, latencyMs: 5 },
  ],
  [
    'no status, not expected',
    5,
    { expected_response: 'false' },
    { outcome: 'error', serverError: false, latencyMs: 5 },
  ],
];

test.each(rows)('%s', (_, value, tags, answer) => {
  expect(answerOf({ metric: 'http_req_duration', at: 1, value, tags }, timeoutMs)).toEqual({
    at: 1,
    ...answer,
  });
});
