import { describe, expect, it } from 'vitest';
import { bandwidth, down, latency, limitData, resetPeer, slicer, slowClose, timeout } from './faults.ts';
import type { ProbeAnswer, ProxyState } from './ports.ts';
import { callsBetween, judgeProof } from './proof.ts';
import type { Evidence } from './proof.ts';

const proxy: ProxyState = { name: 'p', listen: '', upstream: '', enabled: true, toxics: [] };
const ok = (ms: number, bytes = 100, closedMs = ms): ProbeAnswer => ({ ok: true, ms, bytes, closedMs });
const failed = (ms = 1): ProbeAnswer => ({ ok: false, ms, bytes: 0, reason: 'ECONNREFUSED' });
const five = (answer: ProbeAnswer): readonly ProbeAnswer[] => Array.from({ length: 5 }, () => answer);
const calls = (count: number, errors: number, meanMs: number) => ({ count, errors, meanMs, overMs: 1_000 });

const evidence = (over: Partial<Evidence> = {}): Evidence => ({
  fault: down(),
  toxicity: 1,
  readBack: { state: 'as-set', proxy },
  through: five(failed()),
  past: five(ok(2)),
  calls: { before: calls(50, 0, 3), during: calls(50, 50, 1) },
  ...over,
});

describe('a fault is proven', () => {
  const slow = { before: calls(50, 0, 3), during: calls(50, 0, 103) };
  it.each<[string, Partial<Evidence>]>([
    ['down: none gets through, all go past', {}],
    ['latency: it is really there', { fault: latency('100ms'), through: five(ok(103)), calls: slow }],
    ['latency: calls that time out have felt it', { fault: latency('1s'), through: five(ok(1_003)) }],
    [
      'latency less its jitter',
      { fault: latency('100ms', { jitter: '40ms' }), through: five(ok(62)), calls: slow },
    ],
    ['silence', { fault: timeout('1s'), through: five(failed(1_000)) }],
    ['reset', { fault: resetPeer(), through: five(failed()) }],
    ['a stall', { fault: bandwidth({ kilobytesPerSecond: 0 }), through: five(failed(2_000)) }],
    [
      'a narrow line',
      {
        fault: bandwidth({ kilobytesPerSecond: 10 }),
        through: five(ok(95, 1_000)),
        past: five(ok(1, 1_000)),
      },
    ],
    ['late closing', { fault: slowClose('1s'), through: five(ok(2, 100, 1_005)) }],
    ['slices', { fault: slicer({ averageBytes: 10, delayMicros: 10_000 }), through: five(ok(110)) }],
    ['a cut', { fault: limitData(10), through: five(failed()) }],
    [
      'on half of the connections',
      { fault: resetPeer(), toxicity: 0.5, through: [failed(), ok(2), ok(2), failed(), ok(2)] },
    ],
  ])('%s', (_, over) => {
    expect(judgeProof(evidence(over))).toMatchObject({ proven: true });
  });
});

describe('a fault is not proven', () => {
  it.each<[string, Partial<Evidence>, string]>([
    [
      'one probe got through',
      { through: [...five(failed()).slice(1), ok(2)] },
      '1 of 5 probes got through it',
    ],
    ['fewer than five probes', { through: five(failed()).slice(1) }, 'only 4 probes went through'],
    ['the dependency itself is ill', { past: [...five(ok(2)).slice(1), failed()] }, 'itself failed 1 of 5'],
    [
      'too little latency',
      { fault: latency('100ms'), through: five(ok(81)) },
      '79 ms longer, 80 ms were due',
    ],
    [
      'the same latency past the proxy',
      { fault: latency('100ms'), through: five(ok(103)), past: five(ok(100)) },
      '80 ms were due',
    ],
    ['too short to tell', { fault: latency('10ms'), through: five(ok(12)) }, 'cannot be told from noise'],
    [
      'too small to be cut',
      { fault: limitData(1_000), through: five(failed()) },
      'too small to meet this fault',
    ],
    [
      'a narrow line for a short answer',
      { fault: bandwidth({ kilobytesPerSecond: 10_000 }), through: five(ok(2)) },
      'cannot be told',
    ],
    [
      'removed by someone else',
      { readBack: { state: 'gone', why: 'the toxic x is gone' } },
      'someone else removed',
    ],
    [
      'changed by someone else',
      { readBack: { state: 'differs', got: 'latency 7', allowed: 'latency 100' } },
      'reads back as latency 7',
    ],
    [
      'nobody calls it',
      { calls: { before: calls(0, 0, 0), during: calls(0, 0, 0) } },
      'no calls to it in the steady state',
    ],
    [
      'nobody calls it any more',
      { calls: { before: calls(50, 0, 3), during: calls(0, 0, 0) } },
      'no calls to it during the fault',
    ],
    [
      'the system goes another way',
      { calls: { before: calls(50, 0, 3), during: calls(50, 0, 3) } },
      'do not pass this proxy',
    ],
  ])('%s', (_, over, why) => {
    expect(judgeProof(evidence(over))).toMatchObject({ proven: false, why: expect.stringContaining(why) });
  });

  it('by a system that failed as much before', () => {
    const always = { before: calls(50, 30, 3), during: calls(50, 30, 3) };
    expect(judgeProof(evidence({ calls: always }))).toMatchObject({ proven: false });
  });
});

it('says what was measured', () => {
  const proof = judgeProof(evidence());
  expect(proof.through).toEqual({ n: 5, failed: 5, medianMs: 1 });
  expect(proof.past).toEqual({ n: 5, failed: 0, medianMs: 2 });
  expect(proof.calls.during).toMatchObject({ count: 50, errors: 50 });
});

const totals = (count: number, errors: number, timed: number, totalMs: number, at: number) => ({
  count,
  errors,
  timed,
  totalMs,
  at,
});

describe('calls between two readings', () => {
  it('are the differences', () => {
    const figures = callsBetween(totals(10, 1, 10, 100, 0), totals(30, 2, 20, 300, 2_000));
    expect(figures).toEqual({ count: 20, errors: 1, meanMs: 20, overMs: 2_000 });
  });

  it('count from zero where the system was restarted in between', () => {
    const figures = callsBetween(totals(1_000, 9, 1_000, 9_000, 0), totals(5, 1, 5, 10, 1_000));
    expect(figures).toEqual({ count: 5, errors: 1, meanMs: 2, overMs: 1_000 });
  });
});
