import { describe, expect, it } from 'vitest';
import { BucketCoverage, PacedCoverage } from './coverage.ts';

const since = 10_000;

/** Of a stage that began at 10 s; observations are due every second. */
function paced(...observed: readonly (readonly [from: number, to: number])[]): PacedCoverage {
  const coverage = new PacedCoverage(since, 1_000);
  for (const [from, to] of observed) coverage.add(from, to);
  return coverage;
}

describe('of what is observed again and again, known is', () => {
  it.each<[string, readonly (readonly [number, number])[], number, number]>([
    ['nothing where nothing was observed', [], 13_000, 0],
    ['what is not yet late', [], 11_500, 1_500],
    ['nothing of what is late', [], 11_501, 0],
    ['the time up to an observation that came in time', [[11_500, 11_500]], 11_500, 1_500],
    ['no more than one interval before one that came late', [[11_501, 11_501]], 11_501, 1_000],
    [
      'all from one to the next',
      [
        [11_000, 11_000],
        [12_000, 12_000],
      ],
      12_000,
      2_000,
    ],
    ['as long as an observation took', [[10_500, 13_000]], 13_000, 3_000],
    [
      'what several observed at once, once',
      [
        [11_000, 12_000],
        [11_200, 11_900],
      ],
      12_000,
      2_000,
    ],
    [
      'what one observed longer than the other',
      [
        [11_000, 12_000],
        [11_200, 12_400],
      ],
      12_400,
      2_400,
    ],
    ['no more than there is', [[9_000, 12_000]], 11_000, 1_000],
  ])('%s', (_, observed, until, knownMs) => {
    expect(paced(...observed).share(until)).toEqual({ knownMs, ofMs: until - since });
  });

  it('nothing where nothing was due by then', () => {
    expect([paced().share(since), paced().share(since - 1)]).toEqual([undefined, undefined]);
    expect(paced().share(since + 1)).toBeDefined();
  });

  it.each([
    [
      'between two that came in time',
      [
        [11_000, 11_000],
        [12_000, 12_000],
      ],
      11_500,
      true,
    ],
    [
      'between two that lie apart',
      [
        [11_000, 11_000],
        [13_000, 13_000],
      ],
      12_000,
      false,
    ],
    [
      'as the first of them ended',
      [
        [11_000, 11_000],
        [13_000, 13_000],
      ],
      11_000,
      true,
    ],
    [
      'as the second of them began',
      [
        [11_000, 11_000],
        [13_000, 13_000],
      ],
      13_000,
      true,
    ],
    ['after the last, for as long as the next may take', [[11_000, 11_000]], 12_500, true],
    ['any later', [[11_000, 11_000]], 12_501, false],
  ] as const)('or not an instant %s', (_, observed, at, known) => {
    expect(paced(...observed).knew(at)).toBe(known);
  });
});

/** Of the same stage half a second later; buckets are a second long. */
function buckets(...observed: readonly number[]): BucketCoverage {
  const coverage = new BucketCoverage(since + 500, 1_000);
  for (const at of observed) coverage.add(at);
  return coverage;
}

describe('of buckets, known are', () => {
  it.each([
    ['those of which something was told', [11_200, 12_999], 14_000, 2_000, 3_000],
    ['each of them once', [11_200, 11_900], 14_000, 1_000, 3_000],
    ['none that began before the stage', [10_700], 14_000, 0, 3_000],
    ['none that is not over', [13_500], 13_900, 0, 2_000],
    ['one that is just over', [12_500], 13_000, 1_000, 2_000],
  ] as const)('%s', (_, observed, until, knownMs, ofMs) => {
    expect(buckets(...observed).share(until)).toEqual({ knownMs, ofMs });
  });

  it('none where none was due by then', () => {
    expect([buckets().share(11_999), buckets(10_700).share(10_900)]).toEqual([undefined, undefined]);
    expect(buckets().share(12_000)).toEqual({ knownMs: 0, ofMs: 1_000 });
  });

  it('those that began before the stage, of which nothing was due', () => {
    const known = [10_600, 11_000, 12_500].map((at) => buckets(12_100).knew(at));
    expect(known).toEqual([true, false, true]);
    expect(new BucketCoverage(11_000, 1_000).knew(11_000)).toBe(false);
  });
});
