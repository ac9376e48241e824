import { describe, expect, it } from 'vitest';
import type { FaultKind } from './definition.ts';
import { describeFault } from './fault-kinds.ts';
import {
  attributesOf,
  bandwidth,
  down,
  latency,
  limitData,
  resetPeer,
  slicer,
  slowClose,
  timeout,
} from './faults.ts';

describe('faults', () => {
  it.each<[FaultKind, Readonly<Record<string, number>>, string]>([
    [down(), {}, 'down'],
    [latency('1s'), { latency: 1_000, jitter: 0 }, 'latency of 1 s'],
    [latency('1s', { jitter: '50ms' }), { latency: 1_000, jitter: 50 }, 'latency of 1 s ± 50 ms'],
    [bandwidth({ kilobytesPerSecond: 0 }), { rate: 0 }, 'bandwidth of 0 KB/s'],
    [slowClose('2s'), { delay: 2_000 }, 'closing 2 s late'],
    [timeout('0s'), { timeout: 0 }, 'silence'],
    [resetPeer(), { timeout: 0 }, 'reset'],
    [
      slicer({ averageBytes: 64, delayMicros: 500 }),
      { average_size: 64, size_variation: 0, delay: 500 },
      'slices of 64 bytes, 500 µs apart',
    ],
    [limitData(1_024), { bytes: 1_024 }, 'closed after 1024 bytes'],
  ])('%o', (fault, attributes, words) => {
    expect(attributesOf(fault)).toEqual(attributes);
    expect(describeFault(fault)).toBe(words);
  });

  // What Toxiproxy itself would take without a word.
  it.each<[string, () => FaultKind, string, string]>([
    ['no latency', () => latency('0ms'), 'latency.delay', '1 to 300000 ms'],
    ['too long a latency', () => latency('6m'), 'latency.delay', '1 to 300000 ms'],
    ['more jitter than latency', () => latency('1s', { jitter: '2s' }), 'latency.jitter', '0 to 1000 ms'],
    ['a length without unit', () => latency('1' as never), 'latency.delay', 'a number with ms, s or m'],
    ['a bare number', () => latency(1_000 as never), 'latency.delay', 'a number with ms, s or m'],
    ['a negative latency', () => latency('-1s' as never), 'latency.delay', 'a number with ms, s or m'],
    ['half a kilobyte', () => bandwidth({ kilobytesPerSecond: 0.5 }), 'bandwidth', 'a whole number'],
    ['a negative rate', () => bandwidth({ kilobytesPerSecond: -1 }), 'bandwidth', '0 to 10000000'],
    ['no number', () => limitData(Number.NaN), 'limitData.bytes', 'a whole number'],
    ['an hour of silence', () => timeout('1h'), 'timeout.after', '0 to 1800000 ms'],
    [
      'slices that vary by their size',
      () => slicer({ averageBytes: 10, variationBytes: 10 }),
      'slicer.variationBytes',
      '0 to 9',
    ],
  ])('refuse %s', (_, make, where, allowed) => {
    expect(make).toThrow(expect.objectContaining({ code: 'bad-fault', exitCode: 2 }));
    expect(make).toThrow(where);
    expect(make).toThrow(allowed);
  });
});

it.each(['gravity', 'constructor'])('a fault of the unknown kind %s has words', (kind) => {
  expect(describeFault({ kind })).toBe(`an unknown fault (${kind})`);
});
