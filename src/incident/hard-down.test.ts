import { describe, expect, test } from 'vitest';
import type { CheckFinished } from '../event/catalogue.ts';
import type { Draft } from '../event/envelope.ts';
import { compileJudge } from '../runbook/judge.ts';
import runbook from '../../runbook.ts';
import { check, origin, play, ready, told, well, type Minute } from './testing/play.ts';
import { write } from './testing/write.ts';

const repeat = (count: number, shape: Minute): Minute[] => Array.from({ length: count }, () => shape);
const coreOf = (coreChecks: readonly string[]) =>
  compileJudge(runbook, { speed: 1, loadRunning: true, coreChecks });
const [one, two] = [coreOf(['pairs']), coreOf(['pairs', 'sol'])];

const failed = (name: string, more: Partial<CheckFinished>): Draft =>
  told(check(name, ['core'], false, {}), more);
const slow = (name: string): Draft => failed(name, { status: 200, slowOnly: true });
const wrong = (name: string): Draft => failed(name, { status: 200 });
const silent = (name: string): Draft => failed(name, { noAnswer: true });
const broken = (name: string): Draft => failed(name, { status: 500 });
const passed = (name: string): Draft => check(name, ['core'], true, {});
const throttled = (name: string): Draft =>
  failed(name, { outcome: 'inconclusive', status: 429, throttled: true });

const isDown = (drafts: readonly (readonly [number, Draft])[], spec = two): boolean =>
  write(drafts, { spec }).told.some((line) => line.startsWith('declared hard-down'));
/** Every core check answers like this, now and twenty seconds later. */
const both = (...drafts: Draft[]): [number, Draft][] => [
  ...drafts.map((draft): [number, Draft] => [1, draft]),
  ...drafts.map((draft): [number, Draft] => [21, draft]),
];

describe('row 22: an answer within its timeout, however late, is never down', () => {
  const late = told(ready(200), { outcome: 'failed', slowOnly: true });
  test.each<[string, [number, Draft][], boolean]>([
    ['ready 503', both(ready(503)), true],
    ['ready 200, slowly', both(late), false],
    ['ready 404', both(told(ready(404), { outcome: 'failed' })), false],
    [
      'ready 503, and 200 slowly in between',
      [
        [1, ready(503)],
        [8, late],
        [21, ready(503)],
      ],
      false,
    ],
    [
      'ready 503, and no answer in between',
      [
        [1, ready(503)],
        [8, told(check('health-ready', ['ready'], false, {}), { noAnswer: true })],
        [21, ready(503)],
      ],
      true,
    ],
    ['every core check slow', both(slow('pairs'), slow('sol')), false],
    ['one slow, the other without an answer', both(slow('pairs'), silent('sol')), false],
    ['every core check without an answer', both(silent('pairs'), silent('sol')), true],
    ['every core check with a 5xx', both(broken('pairs'), broken('sol')), true],
    ['every core check wrong', both(wrong('pairs'), wrong('sol')), true],
    ['one wrong, the other without an answer', both(wrong('pairs'), silent('sol')), true],
    ['one right, the other without an answer', both(passed('pairs'), silent('sol')), false],
    ['one never asked, the other without an answer', both(silent('sol')), false],
    ['both rate-limited', both(throttled('pairs'), throttled('sol')), false],
    [
      'slow once in between',
      [...both(silent('pairs'), silent('sol')), [10, slow('sol')]].toSorted(
        ([a], [b]) => Number(a) - Number(b),
      ) as [number, Draft][],
      false,
    ],
  ])('%s', (_, drafts, expected) => {
    expect(isDown(drafts)).toBe(expected);
  });
});

describe('row 33: the only core check', () => {
  test.each<[string, Draft, boolean]>([
    ['answers rightly in 453 ms where 200 are allowed', slow('pairs'), false],
    ['answers wrongly', wrong('pairs'), false],
    ['answers with 503', failed('pairs', { status: 503 }), true],
    ['does not answer', silent('pairs'), true],
    ['did not answer, as events of earlier versions say it', failed('pairs', { timedOut: true }), true],
  ])('%s', (_, draft, expected) => {
    expect(isDown(both(draft), one)).toBe(expected);
  });
});

const from = (source: 'probe' | 'load' | 'server', signal: string): Minute => ({
  also: [[31, { type: 'samples', data: { signal, source, labels: {}, from: 0, to: 0, data: many(900) } }]],
});

const declared = (minute: Minute) => play(repeat(6, { ...well, ...minute, p95: null })).changes.length > 0;

const gauge = (source: 'probe' | 'server'): Draft => ({
  type: 'samples',
  data: {
    signal: 'db.up',
    source,
    labels: {},
    from: origin,
    to: origin,
    data: { kind: 'values', values: [0] },
  },
});

describe('mutant:', () => {
  test('the time since the first sighting counts, not since the last', () => {
    const every7 = [0, 7, 14, 21].map((second): [number, Draft] => [second, ready(503)]);
    expect(isDown(every7)).toBe(true);
  });

  test('an inconclusive result of a core check is no failure of it', () => {
    const inconclusive = told(passed('sol'), { outcome: 'inconclusive' });
    const later: [number, Draft][] = [21, 41, 61].map((second) => [second, silent('pairs')]);
    expect(isDown([[1, silent('pairs')], [1, inconclusive], ...later])).toBe(false);
    expect(isDown([[1, silent('pairs')], [1, passed('sol')], [5, inconclusive], ...later])).toBe(false);
    expect(isDown([[1, silent('pairs')], [1, wrong('sol')], [5, inconclusive], ...later])).toBe(true);
  });

  test('only the source that the judge names for a signal is judged', () => {
    expect(declared(from('load', 'rest.latency'))).toBe(true);
    expect(declared(from('probe', 'rest.latency'))).toBe(false);
    expect(declared(from('load', 'ws.roundtrip'))).toBe(false);
  });

  test('a gauge of another source does not say that the database is gone', () => {
    expect(isDown(both(gauge('server')))).toBe(true);
    expect(isDown(both(gauge('probe')))).toBe(false);
  });
});

test('what contradicts one source is heard also where another has just been declared', () => {
  const refusedOnce = failed('pairs', { noConnection: 'refused', noAnswer: true });
  const { told: said } = write(
    [
      [0, refusedOnce],
      [1, silent('sol')],
      [20, failed('pairs', { status: 500 })],
      [40, refusedOnce],
    ],
    { spec: two },
  );
  expect(said).toEqual(['declared hard-down: core-checks']);
});

const many = (value: number) =>
  ({ kind: 'values', values: Array.from({ length: 25 }, () => value) }) as const;
