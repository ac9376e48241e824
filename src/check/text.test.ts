import { describe, expect, test } from 'vitest';
import { pathOf, redactor, show, withoutQuery } from './text.ts';

const { line, body } = redactor(['hunter2 pass']);

describe('a line', () => {
  test.each([
    ['is trimmed and folded', '  a\r\n\tb  ', 'a b'],
    ['has no escape sequences', 'a\u001B[31mb\u0007', 'a[31mb'],
    ['has no characters that reorder or hide', 'a\u202Eb\u200Bc\uFEFF', 'abc'],
    ['has no halves of characters', 'a\uD800b', 'a\uFFFDb'],
    ['has no secrets', 'x hunter2 pass y', 'x [redacted] y'],
    ['nor split ones', 'hun\u200Bter2\npass', '[redacted]'],
    ['keeps what people write', 'naïve 東京 🚀', 'naïve 東京 🚀'],
  ])('%s', (_name, text, expected) => {
    expect(line(text)).toBe(expected);
  });

  test('is cut at 200 characters, never within one', () => {
    expect(line('x'.repeat(200))).toHaveLength(200);
    expect(line('x'.repeat(201))).toBe(`${'x'.repeat(199)}…`);
    expect(line('🚀'.repeat(150)).isWellFormed()).toBe(true);
  });

  test('is cut only after secrets are out: no half of one stays', () => {
    expect(line(`${'x'.repeat(194)}hunter2 pass`)).not.toContain('hunt');
  });
});

describe('a kept body', () => {
  test.each([['x'.repeat(4_097)], ['é'.repeat(2_049)], ['a' + '東'.repeat(2_000)]])(
    'is cut at 4 KiB',
    (text) => {
      const kept = body(text);
      expect(new TextEncoder().encode(kept).length).toBeLessThanOrEqual(4_096);
      expect(text.startsWith(kept)).toBe(true);
    },
  );

  test('keeps its line breaks and short texts whole', () => {
    expect(body('a\n\tb\u0000')).toBe('a\n\tb');
  });
});

test.each([
  [undefined, 'missing'],
  [null, 'null'],
  ['a', '"a"'],
  [{ a: [1] }, '{"a":[1]}'],
  [1n, '1'],
  [Number.NaN, 'NaN'],
  [() => 1, 'function'],
])('%s is shown as %s', (value, text) => {
  expect(show(value)).toBe(text);
});

test('a circular value is shown by its type', () => {
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  expect(show(circle)).toBe('object');
});

test.each([
  [['orderBook', 'bids', 0, 1], 'body.orderBook.bids[0][1]'],
  [[], 'body'],
  [['0'], 'body[0]'],
])('the path of %j is %s', (keys, path) => {
  expect(pathOf('body', keys)).toBe(path);
});

test.each([
  ['https://u:p@host/a?token=1#x', 'https://host/a'],
  ['/login?next=1', '/login'],
  ['/a#b', '/a'],
])('%s is written down as %s', (url, text) => {
  expect(withoutQuery(url)).toBe(text);
});
