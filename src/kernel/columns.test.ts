import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnsOf, fitColumns, wrapColumns } from './columns.ts';

test.each<[string, number]>([
  ['siaga', 5],
  ['', 0],
  ['東京', 4],
  ['👍 ok', 5],
  ['e\u0301', 1],
])('%j takes %i columns', (text, columns) => {
  expect(columnsOf(text)).toBe(columns);
});

test.each<[string, number, string]>([
  ['siaga', 5, 'siaga'],
  ['siaga now', 5, 'siag…'],
  ['東京都', 4, '東…'],
  ['abc', 1, '…'],
  ['abc', 0, ''],
])('%j in %i columns is %j', (text, width, fitted) => {
  expect(fitColumns(text, width)).toBe(fitted);
});

test('is wrapped between words where it can be, and cut at the end', () => {
  expect(wrapColumns('an incident is open: sampling', 12, 3)).toEqual([
    'an incident',
    'is open:',
    'sampling',
  ]);
  expect(wrapColumns('an incident is open: sampling', 12, 2)).toEqual(['an incident', 'is open: sa…']);
  expect(wrapColumns('aaaaaaaaaaaa bb', 5, 9)).toEqual(['aaaaa', 'aaaaa', 'aa bb']);
});

test('no line is ever wider, and nothing but spaces is lost where there is room', () => {
  const words = fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }), { maxLength: 8 });
  fc.assert(
    fc.property(words, fc.integer({ min: 2, max: 30 }), (all, width) => {
      const text = all.join(' ');
      const lines = wrapColumns(text, width, 1_000);
      for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(width);
      expect(lines.join('').replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''));
    }),
  );
});
