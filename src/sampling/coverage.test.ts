import { expect, test } from 'vitest';
import runbook from '../../runbook.ts';
import { type AnyCheck, defineCheck } from '../check/definition.ts';
import { compileJudge } from '../runbook/judge.ts';
import { metricsEveryMs, planOf } from './plan.ts';
import { withCoverage } from './coverage.ts';

const check = (name: string, every: '1s' | '5s', more: Partial<AnyCheck> = {}): AnyCheck => ({
  ...defineCheck({
    name,
    tags: [],
    every,
    request: { path: '/', timeout: '1s' },
    response: { status: 200 },
    samples: { freshness: () => 1 },
  }),
  ...more,
});

const supplies = (loadRunning: boolean, checks: readonly AnyCheck[]) => {
  const judge = compileJudge(runbook, { speed: 1, loadRunning, coreChecks: [] });
  const loads = loadRunning ? [{ name: 'load', rate: 1 }] : [];
  const plan = planOf(judge, { checks, loads, metricsEveryMs: metricsEveryMs.round });
  return Object.fromEntries(withCoverage(judge, plan).signals.map(({ name, supply }) => [name, supply]));
};

test.each<[string, string, boolean, AnyCheck[], object | undefined]>([
  [
    'the fastest of its checks',
    'freshness',
    true,
    [check('a', '5s'), check('b', '1s')],
    { everyMs: 1_000, checks: ['a', 'b'] },
  ],
  [
    'as often as maxPerHour lets it',
    'freshness',
    true,
    [check('a', '1s', { maxPerHour: 60 })],
    { everyMs: 60_000, checks: ['a'] },
  ],
  ['the load, where one runs', 'rest.latency', true, [check('a', '5s')], { everyMs: 1_000, checks: [] }],
  [
    'the checks, where none does',
    'rest.latency',
    false,
    [check('a', '5s')],
    { everyMs: 5_000, checks: ['a'] },
  ],
  ["the system's gauges", 'db.up', true, [], { everyMs: 1_000, checks: [] }],
  ['nothing, for a histogram without traffic', 'db.latency', true, [], undefined],
  ['nothing, where no check feeds it', 'screener.batch', true, [check('a', '1s')], undefined],
])('a signal is supplied by %s', (_, signal, loadRunning, checks, expected) => {
  expect(supplies(loadRunning, checks)[signal]).toEqual(expected);
});
