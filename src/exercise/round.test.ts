import { describe, expect, test } from 'vitest';
import type { CheckFinished } from '../event/catalogue.ts';
import type { Engine } from '../incident/engine.ts';
import type { Incident, Phase } from '../incident/state.ts';
import { judge, minute, origin } from '../incident/testing/play.ts';
import { round, type RoundParts } from './round.ts';

const owner = { role: 'owner', name: 'Incident Owner' };
const stable = { owner, since: origin - minute, reviewAt: origin + minute };
const mitigated: Phase = { name: 'mitigated', providerGood: 0, fallback: { since: origin } };
const inHand: Phase = { ...mitigated, fallback: { since: origin, stable } };
const overdue: Phase = { ...mitigated, fallback: { since: origin, stable: { ...stable, reviewAt: origin } } };

const result = (check: string, outcome: string, notAsked?: true) =>
  ({ check, outcome, violations: [], reason: 'not asked', notAsked }) as unknown as CheckFinished;

async function ending(phase: Phase | undefined, outcome: CheckFinished['outcome'] = 'passed') {
  const incident = { id: 'INC-1', signals: ['provider.health'], phase } as unknown as Incident;
  const engine = { incident: phase && incident, newest: undefined } as Engine;
  const violation = { path: 'status', rule: 'status is 200', got: '503', allowed: '200' };
  const violations = outcome === 'failed' ? [violation] : [];
  const parts = {
    clock: { now: () => origin },
    judge,
    engine,
    signal: new AbortController().signal,
    runRound: () => Promise.resolve([{ check: 'sol', outcome, violations } as unknown as CheckFinished]),
  } as unknown as RoundParts;
  const { exitCode, reason } = await round(parts, false);
  return [exitCode, reason];
}

describe('a round in which everything passes', () => {
  test.each<[string, Phase | undefined, number, string]>([
    ['ends well where nothing is open', undefined, 0, ''],
    ['does not while an incident is open', { name: 'degraded' }, 1, 'INC-1 is open (provider.health)'],
    ['nor while it is only MITIGATED', mitigated, 1, 'INC-1 is open (provider.health)'],
    [
      'ends well where it is MITIGATED-STABLE: nobody is to be called',
      inHand,
      0,
      'INC-1 is MITIGATED-STABLE, owned by Incident Owner (owner), review by 2025-02-20 04:21 WIB',
    ],
    [
      'until its review is due',
      overdue,
      1,
      'INC-1 is open (provider.health), its review by Incident Owner (owner) is due',
    ],
  ])('%s', async (_, phase, code, reason) => {
    expect(await ending(phase)).toEqual([code, reason]);
  });
});

describe('a check that has run often enough this hour', () => {
  test.each<[string, CheckFinished[], number, string]>([
    [
      'leaves the round to the others',
      [result('mail', 'inconclusive', true), result('sol', 'passed')],
      0,
      '',
    ],
    [
      'does not hide that another says nothing',
      [result('mail', 'inconclusive', true), result('sol', 'inconclusive')],
      3,
      'sol: inconclusive, not asked',
    ],
    ['is no round at all', [result('mail', 'inconclusive', true)], 3, 'mail: inconclusive, not asked'],
  ])('%s', async (_, checks, code, reason) => {
    const parts = {
      clock: { now: () => origin },
      engine: { incident: undefined, newest: undefined },
      signal: new AbortController().signal,
      runRound: () => Promise.resolve(checks),
    } as unknown as RoundParts;
    const { exitCode, reason: why } = await round(parts, false);
    expect([exitCode, why]).toEqual([code, reason]);
  });
});

test('what may not be asked again after staying keeps what it said before', async () => {
  let now = origin;
  const answers = [
    [result('mail', 'failed'), result('sol', 'failed')],
    [result('mail', 'inconclusive', true), result('sol', 'passed')],
  ];
  const parts = {
    journal: { append: () => undefined, subscribe: () => () => undefined },
    clock: { now: () => now, sleep: () => Promise.resolve(void (now += minute)) },
    judge,
    engine: { incident: undefined, newest: undefined },
    signal: new AbortController().signal,
    runRound: () => Promise.resolve(answers.shift()),
    startSampling: () => ({ stop: () => Promise.resolve() }),
  } as unknown as RoundParts;
  const { checks, stayed, exitCode } = await round(parts, true);
  expect(checks.map(({ check, outcome }) => [check, outcome])).toEqual([
    ['mail', 'failed'],
    ['sol', 'passed'],
  ]);
  expect([stayed, exitCode]).toEqual([true, 1]);
});

test('a check that fails fails the round, in whosever hands the incident is', async () => {
  expect(await ending(inHand, 'failed')).toEqual([1, 'sol: status: expected 200, got 503']);
});
