import { describe, expect, it } from 'vitest';
import {
  bandwidth,
  down,
  frozen,
  latency,
  limitData,
  resetPeer,
  slicer,
  slowClose,
  timeout,
} from './faults.ts';
import type { ProbeAnswer } from './ports.ts';
import { callsBetween, judgeProof } from './proof.ts';
import type { Evidence } from './proof.ts';

const ok = (ms: number, bytes = 100, closedMs = ms): ProbeAnswer => ({ ok: true, ms, bytes, closedMs });
const failed = (ms = 1): ProbeAnswer => ({ ok: false, ms, bytes: 0, reason: 'ECONNREFUSED' });
const five = (answer: ProbeAnswer): readonly ProbeAnswer[] => Array.from({ length: 5 }, () => answer);
const calls = (count: number, errors: number, meanMs: number) => ({ count, errors, meanMs, overMs: 1_000 });

const evidence = (over: Partial<Evidence> = {}): Evidence => ({
  fault: down(),
  toxicity: 1,
  timeoutMs: 3_500,
  readBack: { state: 'as-set' },
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
    ['latency: exactly as much as is due', { fault: latency('100ms'), through: five(ok(82)), calls: slow }],
    [
      'latency: just enough to be told from noise',
      { fault: latency('25ms'), through: five(ok(22)), calls: slow },
    ],
    [
      'latency on most of the probes',
      { fault: latency('100ms'), through: [...five(ok(103)).slice(2), ok(2), ok(3)], calls: slow },
    ],
    [
      'latency on some of the connections',
      { fault: latency('100ms'), toxicity: 0.5, through: [...five(ok(2)).slice(1), ok(103)], calls: slow },
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

describe('a fault of a process', () => {
  // None of the system's dependencies: it makes no calls to it.
  const { calls: _, ...alone } = evidence({ fault: frozen() });
  it('is proven by the process itself, asked before and meanwhile', () => {
    expect(judgeProof(alone)).toMatchObject({
      proven: true,
      why: 'through: 0 of 5 answered, median 1 ms; before: 5 of 5 answered, median 2 ms',
    });
  });

  it.each<[string, Partial<Evidence>, string]>([
    ['it answers', { through: five(ok(2)) }, '5 of 5 probes got through it'],
    ['it did not answer before', { past: five(failed()) }, 'failed 5 of 5 probes before the fault'],
    ['it runs again', { readBack: { state: 'gone', why: 'process 7 runs again' } }, 'someone else removed'],
    [
      'the system does not feel it',
      { calls: { before: calls(50, 0, 3), during: calls(50, 0, 3) } },
      'they go to another process',
    ],
  ])('is not where %s', (_name, over, why) => {
    expect(judgeProof({ ...alone, ...over })).toMatchObject({
      proven: false,
      why: expect.stringContaining(why),
    });
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
    ['fewer than five probes past it', { past: five(ok(2)).slice(1) }, 'only 4 probes went past the proxy'],
    [
      'not even one connection in so many met it',
      { fault: resetPeer(), toxicity: 0.2, through: five(ok(2)) },
      '5 of 5 probes got through it',
    ],
    [
      'too few of the probes were slowed',
      { fault: latency('100ms'), through: [...five(ok(2)).slice(2), ok(103), ok(104)] },
      'probes through it took 0 ms longer, 80 ms were due',
    ],
    [
      'none of the few connections was slowed',
      { fault: latency('100ms'), toxicity: 0.2, through: five(ok(2)) },
      '0 of 5 probes were slowed',
    ],
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
      'just large enough to let the answer through',
      { fault: limitData(100), through: five(failed()) },
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

  it.each<[string, Evidence['fault'], readonly ProbeAnswer[], string]>([
    ['errors', down(), five(failed()), '; errors were due)'],
    [
      'errors or slower calls',
      latency('1s', { jitter: '400ms' }),
      five(ok(1_002)),
      '; errors, or 600 ms more a call, were due)',
    ],
  ])('and says what the calls were to show: %s', (_, fault, through, due) => {
    const { why } = judgeProof(
      evidence({ fault, through, calls: { before: calls(50, 0, 3), during: calls(50, 1, 3) } }),
    );
    expect(why).toContain(
      `(50 calls, 0 errors, mean 3 ms before, 50 calls, 1 errors, mean 3 ms during${due}`,
    );
  });

  it('where nobody knows its kind, whatever was seen', () => {
    const fault = { kind: 'gravity' } as unknown as Evidence['fault'];
    expect(judgeProof(evidence({ fault }))).toMatchObject({
      proven: false,
      why: 'nothing is known of a fault of the kind gravity',
    });
  });

  it('by a system that failed as much before', () => {
    const always = { before: calls(50, 30, 3), during: calls(50, 30, 3) };
    expect(judgeProof(evidence({ calls: always }))).toMatchObject({ proven: false });
  });
});

const timedOut = (ms: number): ProbeAnswer => ({ ok: false, ms, bytes: 0, reason: 'no answer' });
const during = (count: number, errors: number, meanMs: number) => ({
  calls: { before: calls(60, 0, 5), during: calls(count, errors, meanMs) },
});

describe('row 11: what somebody else does to the same connections is no proof', () => {
  const second = latency('1s');
  const slow = during(60, 0, 1_005);
  it.each<[string, Partial<Evidence>, string]>([
    [
      'every probe was given up',
      { fault: second, through: five(timedOut(3_500)), ...slow },
      '5 of 5 probes through it failed',
    ],
    [
      'one in five failed',
      { fault: second, through: [timedOut(3_500), ...five(ok(1_004)).slice(1)], ...slow },
      '1 of 5 probes through it failed',
    ],
    [
      'a connection is refused at once',
      { fault: second, through: [failed(), ...five(ok(1_004)).slice(1)], ...slow },
      '1 of 5 probes through it failed',
    ],
    [
      'they took far more than what was set',
      { fault: second, through: five(ok(3_400)), ...slow },
      'at most 1.7 s were due',
    ],
    [
      'a narrow line on which all stalls',
      {
        fault: bandwidth({ kilobytesPerSecond: 1 }),
        through: five(timedOut(3_500)),
        past: five(ok(2, 500)),
        ...slow,
      },
      'probes through it failed',
    ],
    [
      'two of five given up on a narrow line, and the others as fast as ever',
      {
        fault: bandwidth({ kilobytesPerSecond: 1 }),
        through: [...five(ok(2, 4_000)).slice(2), timedOut(3_500), timedOut(3_500)],
        past: five(ok(2, 4_000)),
        ...slow,
      },
      'probes through it took 0 ms longer, 2 s were due',
    ],
    [
      'one given up before its time, on a narrow line',
      {
        fault: bandwidth({ kilobytesPerSecond: 1 }),
        through: [...five(timedOut(3_500)).slice(1), timedOut(3_324)],
        past: five(ok(2, 4_000)),
        ...slow,
      },
      '1 of 5 probes through it failed (no answer), which this fault does not do',
    ],
    [
      'a late end that never came',
      { fault: slowClose('1s'), through: five(timedOut(3_500)), ...slow },
      'probes through it failed',
    ],
  ])('%s', (_, over, why) => {
    expect(judgeProof(evidence(over))).toMatchObject({ proven: false, why: expect.stringContaining(why) });
  });

  it.each<[string, Partial<Evidence>]>([
    [
      'as much as is due in both directions',
      { fault: second, streams: 2, through: five(ok(2_004)), ...slow },
    ],
    ['as much as can be of what was set, and no more', { fault: second, through: five(ok(1_702)), ...slow }],
    [
      'as much as it may vary by',
      { fault: latency('1s', { jitter: '400ms' }), through: five(ok(2_200)), ...slow },
    ],
    [
      'probes given up just as they may get through',
      { fault: second, timeoutMs: 1_700, through: five(timedOut(1_700)), ...slow },
    ],
    [
      'probes given up about when they had to be',
      {
        fault: bandwidth({ kilobytesPerSecond: 1 }),
        through: five(timedOut(3_325)),
        past: five(ok(2, 4_000)),
        ...slow,
      },
    ],
    [
      'a line so narrow that a probe is given up before it is through',
      {
        fault: bandwidth({ kilobytesPerSecond: 1 }),
        through: five(timedOut(3_500)),
        past: five(ok(2, 4_000)),
        ...slow,
      },
    ],
  ])('but this is: %s', (_, over) => {
    expect(judgeProof(evidence(over))).toMatchObject({ proven: true });
  });
});

describe("row 15: the system's own calls show it by its size and its kind", () => {
  const narrow = {
    fault: bandwidth({ kilobytesPerSecond: 10 }),
    through: five(ok(95, 1_000)),
    past: five(ok(1, 1_000)),
  };
  const late = { fault: slowClose('1s'), through: five(ok(2, 100, 1_005)) };
  const second = { fault: latency('1s'), through: five(ok(1_004)) };
  const seldom = { fault: resetPeer(), toxicity: 0.4, through: [failed(), ...five(ok(2)).slice(1)] };
  it.each<[string, Partial<Evidence>, boolean]>([
    ['one stray error in 600 calls', during(600, 1, 5), false],
    ['ten stray errors in 600 calls', during(600, 10, 5), false],
    ['half of the traffic, and no error', during(29, 0, 5), false],
    ['one error, and no other call', during(1, 1, 5), false],
    ['two errors, and no other call', during(2, 2, 5), true],
    ['mutant: half of the calls failed', during(20, 10, 5), true],
    ['mutant: just less than half of the calls failed', during(21, 10, 5), false],
    [
      'another dependency made calls 300 ms slower, where a second was due',
      { ...second, ...during(60, 0, 305) },
      false,
    ],
    ['mutant: calls took half of it longer', { ...second, ...during(60, 0, 505) }, true],
    ['mutant: calls took just less than half of it longer', { ...second, ...during(60, 0, 504) }, false],
    ['a narrow line past which the calls go', { ...narrow, ...during(60, 0, 5) }, false],
    ['a narrow line that slows them', { ...narrow, ...during(60, 0, 50) }, true],
    ['a narrow line that slows them by what can be told', { ...narrow, ...during(60, 0, 25) }, true],
    ['a narrow line that slows them by less', { ...narrow, ...during(60, 0, 24) }, false],
    [
      'a narrow line that makes slow calls half as slow again',
      { ...narrow, calls: { before: calls(60, 0, 100), during: calls(60, 0, 150) } },
      true,
    ],
    [
      'a narrow line that slows slow calls by less',
      { ...narrow, calls: { before: calls(60, 0, 100), during: calls(60, 0, 149) } },
      false,
    ],
    [
      'latency that may be less by its jitter',
      { fault: latency('1s', { jitter: '400ms' }), through: five(ok(1_004)), ...during(60, 0, 305) },
      true,
    ],
    ['late closing past which the calls go', { ...late, ...during(60, 0, 5) }, false],
    ['late closing that slows them', { ...late, ...during(60, 0, 905) }, true],
    ['resets on few connections, none of them theirs', { ...seldom, ...during(60, 0, 5) }, false],
    ['resets on few connections, one of them theirs', { ...seldom, ...during(60, 6, 5) }, true],
  ])('%s', (_, over, proven) => {
    expect(judgeProof(evidence(over)).proven).toBe(proven);
  });

  it('calls that a breaker rejected were never sent', () => {
    const open = { before: calls(60, 0, 5), during: { ...calls(200, 7, 5), timed: 10 } };
    expect(judgeProof(evidence({ calls: open })).proven).toBe(true);
  });

  it('calls that were timed are not all that were made', () => {
    const [sent, failing] = [
      { ...calls(200, 30, 5), timed: 100 },
      { ...calls(200, 30, 5), timed: 10 },
    ];
    const proven = [sent, failing].map(
      (figures) => judgeProof(evidence({ calls: { before: calls(60, 0, 5), during: figures } })).proven,
    );
    expect(proven).toEqual([false, true]);
  });

  it('errors from before the fault do not count', () => {
    const ill = { before: calls(60, 20, 5), during: calls(60, 45, 5) };
    expect(judgeProof(evidence({ calls: ill })).proven).toBe(false);
    const worse = { before: calls(60, 6, 5), during: calls(60, 40, 5) };
    expect(judgeProof(evidence({ calls: worse })).proven).toBe(true);
  });
});

it('says what was measured', () => {
  const proof = judgeProof(evidence());
  expect(proof.through).toEqual({ n: 5, failed: 5, medianMs: 1 });
  expect(proof.past).toEqual({ n: 5, failed: 0, medianMs: 2 });
  expect(proof.calls.during).toMatchObject({ count: 50, errors: 50 });
  expect(proof.why).toBe(
    "through: 0 of 5 answered, median 1 ms; past: 5 of 5 answered, median 2 ms; the system's own calls: 50 calls, 50 errors, mean 1 ms",
  );
});

it('measures by the middle of the answers, however they lie apart', () => {
  const past = [9, 100.129, 10, 7, 8].map((ms) => ok(ms));
  expect(judgeProof(evidence({ past })).past).toEqual({ n: 5, failed: 0, medianMs: 9 });
  expect(judgeProof(evidence({ past: past.slice(1, 2) })).past.medianMs).toBe(100.13);
  expect(judgeProof(evidence({ past: [] })).past).toEqual({ n: 0, failed: 0, medianMs: 0 });
});

it('tells of no calls where the system makes none to what is broken', () => {
  const { calls: _, ...alone } = evidence({ fault: frozen() });
  const none = { count: 0, errors: 0, timed: 0, meanMs: 0, overMs: 0 };
  expect(judgeProof(alone).calls).toEqual({ before: none, during: none });
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
    expect(figures).toEqual({ count: 20, errors: 1, timed: 10, meanMs: 20, overMs: 2_000 });
  });

  it('count from zero where the process began in between', () => {
    const now = { ...totals(5, 1, 5, 10, 10_000), began: 8_000 };
    const before = { ...totals(1_000, 9, 1_000, 9_000, 9_000), began: 0 };
    expect(callsBetween(before, now)).toEqual({ count: 5, errors: 1, timed: 5, meanMs: 2, overMs: 1_000 });
  });

  it.each([
    ['fall, and nothing tells of a restart', {}, {}, 5],
    ['are told by another process, which began before', { began: 0 }, { began: 1 }, 5],
    ['are told by another process that has counted more', { began: 1 }, { began: 0 }, 2_000],
  ])('A3: are not known where they %s', (_, from, to, count) => {
    const before = { ...totals(1_000, 9, 1_000, 9_000, 9_000), ...from };
    const now = { ...totals(count, 11, count, 10_000, 10_000), ...to };
    expect(callsBetween(before, now)).toEqual({ count: 0, errors: 0, timed: 0, meanMs: 0, overMs: 1_000 });
  });
});
