import { expect, test } from 'vitest';
import type { SiagaEvent } from '../event/envelope.ts';
import { judgeChecks } from './judge-checks.ts';

/**
 * A check's answers a second apart: passed, failed, or `?` for inconclusive. From `|` on the round stays; a number is of
 * passed answers that were not written, and come with the next one.
 */
function judged(told: string, share?: number) {
  let unwritten = 0;
  const events = (told.match(/\d+|[^\d]/g) ?? []).flatMap((mark, index): readonly object[] => {
    const at = { seq: index + 1, at: index * 1_000 };
    if (mark === '|') return [{ ...at, type: 'run.phase', data: { phase: 'stays', part: 'staying' } }];
    if (/\d/.test(mark)) {
      unwritten = Number(mark);
      return [];
    }
    const outcome = mark === 'p' ? 'passed' : mark === 'f' ? 'failed' : 'inconclusive';
    const data = { check: 'sol', outcome, ...(unwritten > 0 && { unwritten }) };
    unwritten = 0;
    return [{ ...at, type: 'check.finished', data }];
  });
  return judgeChecks(events as unknown as readonly SiagaEvent[], share)[0];
}

test.each<[string, string, object]>([
  ['that passed', 'p', { outcome: 'passed', answers: 1, failed: 0 }],
  ['that failed', 'f', { outcome: 'failed', answers: 1, failed: 1, failedAt: 0, passedSince: 0 }],
  ['that told nothing', '?', { outcome: 'inconclusive', answers: 0, failed: 0 }],
  [
    'that failed once, first',
    'fpp',
    { outcome: 'passed', answers: 3, failed: 1, failedAt: 0, passedSince: 2 },
  ],
  [
    'that failed once, last',
    'ppf',
    { outcome: 'passed', answers: 3, failed: 1, failedAt: 2_000, passedSince: 0 },
  ],
  [
    'that failed twice in a row',
    'pffp',
    { outcome: 'failed', answers: 4, failed: 2, failedAt: 1_000, passedSince: 1 },
  ],
  ['that told nothing between two failures', 'pf?fp', { outcome: 'failed', answers: 4, failed: 2 }],
  ['that passed, unwritten, between two failures', '|f120fp', { outcome: 'passed', answers: 123, failed: 2 }],
  ['that failed in two of 99 answers of a stay', '|fpf95p', { outcome: 'failed', answers: 99, failed: 2 }],
  ['that failed in two of 100, which is not more', '|fpf96p', { outcome: 'passed', answers: 100, failed: 2 }],
  ['that failed once before the stay, once in it', 'f|pfp', { outcome: 'passed', answers: 4, failed: 2 }],
  ['that failed once in a stay of three answers', '|pfp', { outcome: 'passed', answers: 3, failed: 1 }],
])('a check %s (%s)', (_, told, expected) => {
  expect(judged(told)).toMatchObject(expected);
});

test('the share of failures that is allowed is the runbook’s', () => {
  expect([judged('|fpfp', 0.5)?.outcome, judged('|fpfp', 0.49)?.outcome]).toEqual(['passed', 'failed']);
});
