import { expect, test } from 'vitest';
import type { ToggleApplied } from '../event/toggles.ts';
import type { Draft, SiagaEvent } from '../event/envelope.ts';
import { changeWords, firingWords } from './words-incident.ts';
import { happening } from './words.ts';

const said = (draft: Draft): string | undefined =>
  happening({ v: 1, seq: 1, run: 'r', at: 0, mono: 0, boot: 'b', ...draft } as SiagaEvent)?.text;

test('a change of toggles is said with what is written down before it', () => {
  const change = { values: { A: 'off', B: '9' }, before: { A: 'on', B: '7' } };
  const where = { experiment: 'e', purpose: 'contain', via: 'restart', place: 'http://a' } as const;
  expect(said({ type: 'toggle.planned', data: { ...change, ...where } })).toBe(
    'toggles A=off, B=9 planned, A=on, B=7 written down',
  );
});

test.each<[ToggleApplied['by'], string]>([
  [undefined, 'toggles set to restore by restart: A=on; took 1.5 s'],
  ['guard', 'toggles set to restore by the guard, restart: A=on; took 1.5 s'],
  ['heal', 'toggles set to restore by siaga chaos heal, restart: A=on; took 1.5 s'],
])('toggles put back by %s are said so', (by, text) => {
  const data = {
    values: { A: 'on' },
    purpose: 'restore',
    via: 'restart',
    durationMs: 1_500,
    ok: true,
  } as const;
  expect(said({ type: 'toggle.applied', data: { ...data, ...(by && { by }) } })).toBe(text);
});

const figures = { requests: 12_000, iterations: 12_000, dropped: 0, exceptions: 0, durationMs: 240_000 };
const observed = {
  ...figures,
  load: 'steady',
  outcome: 'passed',
  violations: [],
  exitCode: 103,
  offeredRate: 50,
  achievedRate: 50,
  endpoints: [],
  observed: true,
  stopped: true,
  notes: ['k6 was stopped by Siaga, as planned', '338 of 12000 requests failed: observed, not judged'],
} as const;

test('figures: a load that was observed says what failed and that Siaga stopped it, never "passed"', () => {
  expect(said({ type: 'load.finished', data: observed })).toBe(
    'load steady ran as planned: 12000 requests, 50 of 50 iterations/s; k6 was stopped by Siaga, as planned; ' +
      '338 of 12000 requests failed: observed, not judged',
  );
});

test('a load without an arrival rate has nothing to compare its rate with', () => {
  const data = { ...observed, achievedRate: 15.02, offeredRate: 0, notes: [] };
  expect(said({ type: 'load.finished', data })).toBe(
    'load steady ran as planned: 12000 requests, 15.02 iterations/s',
  );
});

test('hunt 12: RECOVERED says what is not in the project any more and was not asked', () => {
  const symptoms = { windowMs: 1, p95: null, errorRatio: null, n: 0 };
  const recovered = { kind: 'recovered', criteria: [], symptoms } as const;
  expect(changeWords({ ...recovered, gone: ['check:orders', 'queue'] })).toBe(
    'RECOVERED: 0 of 0 criteria met; check orders, signal queue are not in the project any more: not asked',
  );
});

const fired = { signal: 'x', got: '503', allowed: '200', since: 0, evidence: [] };

test('two-am: what fired and is no signal is called what it is', () => {
  const down = { kind: 'hard-down', name: 'core-checks', reason: 'core-checks' } as const;
  const words = firingWords({ ...fired, subject: down, got: 'down for 15 s', allowed: 'up' });
  expect(words).toBe('hard down: no core check is answered, down for 15 s');
  expect(firingWords({ ...fired, subject: { kind: 'check', name: 'hello' } })).toBe(
    'check hello 503, allowed 200',
  );
});
