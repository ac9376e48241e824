import { expect, test } from 'vitest';
import { deviations, wordsOf } from './toggling.ts';

test('a drill takes a toggle as it was written by the system, as whoever watches it does', () => {
  const wanted = { FALLBACK: 'true', LIMIT: '4', MODE: 'live' };
  expect(deviations({ FALLBACK: 'TRUE', LIMIT: '04', MODE: ' live' }, wanted)).toEqual([]);
  const off = deviations({ FALLBACK: 'false', LIMIT: '4', OTHER: 'x' }, wanted);
  expect(wordsOf(off)).toBe('FALLBACK is false, not true; MODE is not told, not live');
});
