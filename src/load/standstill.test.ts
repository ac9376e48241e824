import { describe, expect, test } from 'vitest';
import { Standstill } from './standstill.ts';

/** What a generator whose points came at these times has stood still. */
function after(...points: readonly number[]): Standstill {
  const standstill = new Standstill();
  for (const at of points) standstill.point(at);
  return standstill;
}

describe('a generator stood still', () => {
  test.each([
    ['not while it tells something every two seconds', [1_000, 3_000, 5_000], []],
    ['between two points that are further apart', [1_000, 3_001], [{ from: 1_000, to: 3_001 }]],
    ['not before its first point', [50_000], []],
    [
      'from its latest point, not from one that came late',
      [5_000, 4_000, 7_001],
      [{ from: 5_000, to: 7_001 }],
    ],
    [
      'as often as it did',
      [0, 3_000, 4_000, 9_000],
      [
        { from: 0, to: 3_000 },
        { from: 4_000, to: 9_000 },
      ],
    ],
    ['once, where one silence follows at once on another', [0, 3_000, 6_000], [{ from: 0, to: 6_000 }]],
    ['after its clock was set back, too', [100_000, 10_000, 12_001], [{ from: 10_000, to: 12_001 }]],
    ['not where its clock was set back', [100_000, 10_000, 12_000], []],
    [
      'from its latest point where a point is just late',
      [10_000, 8_000, 12_001],
      [{ from: 10_000, to: 12_001 }],
    ],
  ])('%s', (_, points, stood) => {
    expect(after(...points).times).toEqual(stood);
  });

  test('where it told nothing more until it ended', () => {
    const [still, just] = [after(1_000), after(1_000)];
    still.until(3_001);
    just.until(3_000);
    expect([still.times, just.times]).toEqual([[{ from: 1_000, to: 3_001 }], []]);
    const never = after();
    never.until(9_000);
    expect(never.times).toEqual([]);
  });

  test('while the system holds it, since its latest point', () => {
    const held = after(1_000);
    held.held(1_500);
    held.held(2_500);
    expect(held.times).toEqual([{ from: 1_000, to: 2_500 }]);
    const before = after();
    before.held(700);
    expect(before.times).toEqual([{ from: 700, to: 700 }]);
  });
});

test.each([
  [3_998, 4_000, true],
  [3_998, 9_000, true],
  [3_999, 4_000, false],
  [2_000, 3_999, false],
  [5_000, 6_000, false],
])(
  'what was asked at %i and answered at %i waited for a generator that went on at 4000: %s',
  (from, to, waited) => {
    expect(after(1_000, 4_000).within(from, to)).toBe(waited);
  },
);
