import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { fires, worstBand, type Judged } from './judge.ts';

const judged = (letters: string): Judged[] =>
  [...letters].map((letter) => ({
    n: letter === '?' ? 0 : 20,
    value: letter === '?' ? null : 1,
    state: letter === 'b' ? 'bad' : letter === '?' ? 'unknown' : 'ok',
  }));

describe('a window of five', () => {
  test.each<[string, boolean]>([
    ['bbbbb', true],
    ['b?bbb', true],
    ['bbb?b', true],
    ['b??bb', false],
    ['?bbbb', false],
    ['bbbb?', false],
    ['bbgbb', false],
    ['bbbb', false],
    ['gbbbbb', true],
    ['', false],
  ])('%s fires: %s', (letters, expected) => {
    expect(fires(judged(letters), 5)).toBe(expected);
  });

  test('never fires on anything but bad ends, no good one and at most one unknown', () => {
    const letters = fc.array(fc.constantFrom('b', 'g', '?'), { minLength: 0, maxLength: 12 });
    fc.assert(
      fc.property(letters, (window) => {
        const last = window.slice(-5).join('');
        expect(fires(judged(window.join('')), 5)).toBe(/^b(bbb|\?bb|b\?b|bb\?)b$/.test(last));
      }),
    );
  });
});

test.each([
  [['good', 'good'], 'good'],
  [['good', 'unknown'], 'unknown'],
  [['unknown', 'limbo'], 'limbo'],
  [['limbo', 'bad', 'good'], 'bad'],
  [[], 'unknown'],
] as const)('the worst of %j is %s', (bands, expected) => {
  expect(worstBand(bands)).toBe(expected);
});
