import { expect, test } from 'vitest';
import { Lines } from './process.ts';

function linesOf(chunks: readonly string[]): string[] {
  const found: string[] = [];
  const lines = new Lines((line) => found.push(line));
  for (const chunk of chunks) lines.push(chunk);
  lines.end();
  return found;
}

test.each([
  ['lines cut anywhere', ['a', 'b\nc', '', 'd\n\ne\n'], ['ab', 'cd', 'e']],
  ['a last line without its end', ['a\nb'], ['a', 'b']],
  ['nothing', [], []],
])('%s', (_, chunks, lines) => {
  expect(linesOf(chunks)).toEqual(lines);
});

test('a line longer than any point is dropped, the next one is not', () => {
  expect(linesOf(['x'.repeat(2 ** 20 + 1), 'y\nnext\n'])).toEqual(['next']);
});
