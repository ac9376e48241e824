import { describe, expect, test } from 'vitest';
import { play, well, type Minute } from './testing/play.ts';

const repeat = (count: number, shape: Minute): Minute[] => Array.from({ length: count }, () => shape);
const onFallback: Minute = { ...well, down: true, fallback: true };
const contained: Minute = { ...well, fallback: true, toggles: ['FALLBACK_PROVIDER'] };
const outage = [well, onFallback, onFallback];

/** What another run makes of an incident after so many minutes without anybody looking. */
function afterwards(before: readonly Minute[], unknownBuckets: number, after: readonly Minute[]) {
  const snapshot = play(before).engine.snapshot();
  const minute = before.length + unknownBuckets;
  const { changes } = play(after, { resumed: { snapshot, minute, unknownBuckets } });
  return changes.map(({ kind, change }) =>
    'lostBuckets' in change ? `${kind} ${change.lostBuckets}` : kind,
  );
}

describe('a hold of ten minutes, six of them good when the run ended', () => {
  const six = [...outage, ...repeat(8, well)];

  test.each<[string, number, number, string[]]>([
    ['goes on where no minute was missed', 0, 5, ['verifying', 'recovered']],
    ['stands still over two unknown minutes', 2, 5, ['verifying', 'recovered']],
    ['starts over after three', 3, 9, ['hold-reset 6']],
    ['and holds its ten minutes then', 3, 11, ['hold-reset 6', 'verifying', 'recovered']],
    ['starts over after an hour', 58, 9, ['hold-reset 6']],
  ])('%s', (_, gap, minutes, expected) => {
    expect(afterwards(six, gap, repeat(minutes, well))).toEqual(expected);
  });
});

test('unknown minutes before and after the restart are in a row', () => {
  const six = [...outage, ...repeat(8, well)];
  const blind: Minute = { p95: null };
  expect(afterwards(six, 1, [blind, well])).toEqual([]);
  expect(afterwards(six, 1, [blind, blind, well])).toEqual(['hold-reset 6']);
});

test('a hold that was complete is not VERIFY an hour later', () => {
  const verifying = [...outage, ...repeat(11, well), ...repeat(2, { ...well, checks: 'failed' } as const)];
  expect(afterwards(verifying, 58, repeat(9, well))).toEqual(['hold-reset 11']);
});

test('five good minutes of the provider are five in a row', () => {
  const four = [...outage, ...repeat(4, contained)];
  expect(afterwards(four, 0, repeat(2, contained))).toEqual(['restore-proposed']);
  expect(afterwards(four, 1, repeat(4, contained))).toEqual([]);
});

test('a degraded incident is what it was', () => {
  expect(afterwards(outage.slice(0, 2), 58, [onFallback])).toEqual(['mitigated']);
});
