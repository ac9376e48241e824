import { expect, test } from 'vitest';
import { english } from './en.ts';
import { indonesian } from './id.ts';
import { inWords } from './lines.ts';

test('hunt h: one of something is told as one', () => {
  const hour = 3_600_000;
  expect([hour, 4 * hour, 60_000, 30 * 60_000].map((ms) => inWords(ms, english))).toEqual([
    '1 hour',
    '4 hours',
    '1 minute',
    '30 minutes',
  ]);
  expect([hour, 4 * hour, 60_000].map((ms) => inWords(ms, indonesian))).toEqual([
    '1 jam',
    '4 jam',
    '1 menit',
  ]);
  expect([english.checksPassed(1), english.checksPassed(3)]).toEqual([
    '1 contract check passed',
    '3 contract checks passed',
  ]);
  expect(indonesian.checksPassed(1)).toBe('1 tes kontrak lulus');
});
