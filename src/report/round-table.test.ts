import { expect, test } from 'vitest';
import runbook from '../../runbook.ts';
import type { CheckFinished } from '../event/catalogue.ts';
import type { RoundMeasured } from '../event/round.ts';
import { compileJudge } from '../runbook/judge.ts';
import { renderRound } from './round-table.ts';

const judge = compileJudge(runbook, { speed: 1, loadRunning: false, coreChecks: [] });
const at = Date.UTC(2026, 10, 21, 19, 14, 3);

const finished = (check: string, over: Partial<CheckFinished> = {}): CheckFinished => ({
  check,
  title: check,
  tags: [],
  endpoint: `GET /${check}`,
  outcome: 'passed',
  violations: [],
  durationMs: 12,
  latenessMs: 0,
  loopLagMs: 0,
  lane: 'a',
  states: {},
  ...over,
});

const missing = { path: 'body.id', rule: 'it is there', got: 'missing', allowed: 'a number' };
const stands = { outcome: 'failed', at, violations: [missing], requestId: 'id-1' } as const;

const measured: RoundMeasured = {
  checks: [
    { check: 'sol', outcome: 'passed', answers: 114, failed: 1, failedAt: at, passedSince: 113 },
    { check: 'mail', outcome: 'failed', answers: 0, failed: 0, standsSince: at },
  ],
  signals: [
    { signal: 'freshness', state: 'measured', n: 114, value: 220 },
    { signal: 'rest.latency', state: 'too-few', n: 10, value: 12 },
    { signal: 'redis.up', state: 'measured', n: 2, value: 0 },
    {
      signal: 'provider.latency',
      state: 'not-measured',
      n: 0,
      value: null,
      why: 'no answer of health reported it',
    },
    {
      signal: 'db.latency',
      state: 'not-measured',
      n: 0,
      value: null,
      why: 'nothing was counted',
      increase: { since: at, n: 40, value: 3 },
    },
  ],
  toggles: { read: false, why: 'refused' },
};

test('a round shows each signal as measured, too few, or not measured and why; and rows 9 and 10', () => {
  const checks = [finished('sol'), finished('mail', { outcome: 'inconclusive', notAsked: true, stands })];
  expect(renderRound({ checks, measured }, judge, true).split('\n')).toEqual([
    'FAILED   mail  GET /mail',
    '         body.id: expected a number, got missing',
    '         request  id-1',
    '         as it was at 02:14:03 WIB: not asked again, for its maxPerHour',
    'ok       sol   GET /sol  12 ms',
    '         failed once at 02:14:03 WIB, then 113 of 113 passed',
    '',
    '1 passed, 1 failed, 0 inconclusive',
    '',
    'ok       freshness         p95 220 ms (n=114)  allowed at most 5 s',
    'too few  rest.latency      p95 12 ms (n=10 of 20)  allowed at most 650 ms',
    'OUT      redis.up          max 0 (n=2)  allowed at least 1',
    '-        provider.latency  not measured: no answer of health reported it',
    '-        db.latency        not measured: nothing was counted',
    '         since 02:14:03 WIB: p99 3 ms (n=40)',
    '-        toggles           not measured: refused',
  ]);
});

const toggleLines = (toggles: RoundMeasured['toggles']) =>
  renderRound({ checks: [], measured: { ...measured, ...(toggles && { toggles }) } }, judge, true)
    .split('\n')
    .filter((line) => line.includes(' toggles '))
    .map((line) => line.replaceAll(/ +/g, ' '));

test('a toggle that is not normal is shown as out, and one that was not told as not measured', () => {
  const abnormal = [
    { name: 'LIMIT', got: '2', normal: '4' },
    { name: 'MODE', got: '', normal: 'live' },
  ];
  expect(toggleLines({ read: false, why: 'A was not reported by http://t', abnormal })).toEqual([
    'OUT toggles LIMIT is 2, normal is 4',
    'OUT toggles MODE is empty, normal is live',
    '- toggles not measured: A was not reported by http://t',
  ]);
  expect(toggleLines({ read: true })).toEqual(['ok toggles read']);
});

test('A3: a round in which more than one process answered says that its counts are a lower bound', () => {
  const shown = renderRound(
    { checks: [], measured: { ...measured, metrics: { several: true } } },
    judge,
    true,
  );
  expect(shown).toContain(
    'note     metrics           more than one process answers here, or one restarts untold: counts are a lower bound',
  );
});

test('hunt 16: a state that was not told is shown as not measured, and why', () => {
  const untold = [{ state: 'fallback', check: 'sol' }];
  const table = renderRound({ checks: [], measured: { ...measured, untold } }, judge, false);
  expect(table).toMatch(/^- +states +fallback not measured: sol answered but did not report it$/m);
});
