import { describe, expect, test } from 'vitest';
import runbook from '../../runbook.ts';
import type { Draft, SiagaEvent } from '../event/envelope.ts';
import type { SampleData } from '../event/samples.ts';
import { compileJudge } from '../runbook/judge.ts';
import { createEngine } from './engine.ts';
import { changesOf, minute, origin, play, started, well, type Minute } from './testing/play.ts';

const judge = compileJudge(runbook, { speed: 1, loadRunning: true, coreChecks: [] });

/** What is declared when one signal alone looks like this for so many minutes, and which signal fired. */
function declaredBy(signal: string, data: SampleData, minutes: number): readonly string[] {
  const engine = createEngine();
  const log: SiagaEvent[] = [];
  const write = (draft: Draft, at: number) => {
    const event = { v: 1, seq: log.length + 1, run: 'r', at, mono: at, boot: 'b', ...draft } as SiagaEvent;
    log.push(event);
    for (const derived of engine.step(event)) write(derived, at);
  };
  write(started(false), origin);
  const source = judge.signals.find(({ name }) => name === signal)?.source ?? 'probe';
  for (let index = 0; index < minutes; index++) {
    const from = origin + index * minute;
    const batch = { signal, source, labels: {}, from, to: from + 1_000, data };
    write({ type: 'samples', data: batch }, from + 30_000);
  }
  write({ type: 'tick', data: { bucket: 0 } }, origin + minutes * minute + 5_000);
  return changesOf(log).flatMap(({ change }) => (change.kind === 'declared' ? [change.by.signal] : []));
}

const ms = (value: number): SampleData => ({
  kind: 'values',
  values: Array.from({ length: 25 }, () => value),
});
const gauge = (value: number): SampleData => ({ kind: 'values', values: [value] });
const ratio = (bad: number, total: number): SampleData => ({ kind: 'ratio', total, bad, throttled: 0 });
/** A hundred queries, so many of them in the bucket up to the limit or in the one above it, the others faster. */
const queries = (limitMs: number, upTo: number, above: number): SampleData => ({
  kind: 'histogram',
  le: [limitMs - 1, limitMs, limitMs + 1, null],
  counts: [100 - upTo - above, upTo, above, 0],
});

interface Row {
  readonly id: string;
  readonly signal: string;
  readonly at: SampleData;
  readonly beyond: SampleData;
  readonly minutes: number;
}

// The documents' own numbers, written out: changing one in runbook.ts must be noticed.
const rows: readonly Row[] = [
  { id: 'R1', signal: 'rest.latency', at: ms(650), beyond: ms(651), minutes: 5 },
  { id: 'R2', signal: 'ws.roundtrip', at: ms(350), beyond: ms(351), minutes: 5 },
  { id: 'R3', signal: 'rest.errors', at: ratio(20, 1_000), beyond: ratio(21, 1_000), minutes: 5 },
  { id: 'R4', signal: 'freshness', at: ms(5_000), beyond: ms(5_001), minutes: 1 },
  { id: 'R4', signal: 'screener.batch', at: ms(90_000), beyond: ms(90_001), minutes: 1 },
  { id: 'R5', signal: 'provider.health', at: ratio(5, 10), beyond: ratio(6, 10), minutes: 1 },
  { id: 'R5', signal: 'provider.latency', at: ms(650), beyond: ms(651), minutes: 5 },
  { id: 'R6', signal: 'rest.5xx', at: ratio(10, 1_000), beyond: ratio(11, 1_000), minutes: 5 },
  { id: 'R8', signal: 'breaker.state', at: gauge(1), beyond: gauge(2), minutes: 1 },
  { id: 'R9', signal: 'db.latency', at: queries(500, 2, 0), beyond: queries(500, 0, 2), minutes: 1 },
  { id: 'R9', signal: 'db.slow-queries', at: queries(100, 11, 0), beyond: queries(100, 0, 11), minutes: 1 },
  { id: 'R11', signal: 'db.up', at: gauge(1), beyond: gauge(0), minutes: 1 },
  { id: 'R15', signal: 'redis.up', at: gauge(1), beyond: gauge(0), minutes: 1 },
];

test.each(rows)('$id: $signal fires after $minutes min beyond its limit', ({ signal, beyond, minutes }) => {
  expect(declaredBy(signal, beyond, minutes)).toEqual([signal]);
  expect(declaredBy(signal, beyond, minutes - 1)).toEqual([]);
});

test.each(rows)('$id: $signal does not fire at its limit', ({ signal, at }) => {
  expect(declaredBy(signal, at, 9)).toEqual([]);
});

test('every signal of the runbook is in this table', () => {
  expect(new Set(rows.map(({ signal }) => signal))).toEqual(new Set(Object.keys(runbook.signals)));
});

describe('R25: recovered only where each criterion was met for ten minutes', () => {
  const down = { ...well, down: true, fallback: true };
  const recovers = (hold: Minute): boolean => {
    const after = Array.from({ length: 13 }, () => hold);
    return play([well, down, down, ...after]).changes.some(({ kind }) => kind === 'recovered');
  };

  test.each<[string, Partial<Minute>, Partial<Minute>]>([
    ['REST p95 < 450 ms', { p95: 450 }, { p95: 449 }],
    ['errors < 1 %', { requests: 1_000, errors: 10 }, { requests: 1_000, errors: 9 }],
    ['WebSocket p95 < 250 ms', { ws: 250 }, { ws: 249 }],
    ['freshness < 3 s', { freshness: 3_000 }, { freshness: 2_999 }],
    ['fallback off', { fallback: true }, { fallback: false }],
    ['every toggle normal', { toggles: ['FALLBACK_PROVIDER'] }, { toggles: [] }],
    ['all core contract checks pass', { checks: 'failed' }, { checks: 'passed' }],
  ])('%s', (_, limit, within) => {
    expect([recovers({ ...well, ...limit }), recovers({ ...well, ...within })]).toEqual([false, true]);
  });
});
