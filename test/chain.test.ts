import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { circlesOf, longestChain, type Graph } from './support/chain.ts';
import { filesBelow, importsOf, read, valueImportsOf } from './support/sources.ts';

// How far a reader has to follow imports at most. Both numbers go down only.
const longest = { ofValues: 14, withTypes: 22 };

const graphOf = (lines: Readonly<Record<string, string>>): Graph =>
  new Map(Object.entries(lines).map(([file, imported]) => [file, imported.split(' ').filter(Boolean)]));

describe('the longest chain', () => {
  test.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    ['of one file', { a: '' }, ['a']],
    ['of a line', { c: '', a: 'b', b: 'c' }, ['a', 'b', 'c']],
    ['goes the longer way round', { a: 'd b', b: 'c', c: 'd', d: '' }, ['a', 'b', 'c', 'd']],
    ['counts a circle once', { a: 'b', b: 'c', c: 'b d', d: '' }, ['a', 'c = b', 'd']],
  ])('%s', (_, lines, chain) => {
    expect(longestChain(graphOf(lines))).toEqual(chain);
  });
});

describe('the sources', () => {
  const files = filesBelow('src', '.ts').filter((path) => !/\.test(-d)?\.ts$|\/testing\//.test(path));
  const graph = (importsIn: (source: string) => readonly string[]): Graph =>
    new Map(
      files.map((path) => [
        path,
        importsIn(read(path)).flatMap((to) => {
          const target = posix.join(posix.dirname(path), to);
          return files.includes(target) ? [target] : [];
        }),
      ]),
    );
  const values = graph(valueImportsOf);
  const all = graph(importsOf);

  test('import each other at all', () => {
    expect(values.get('src/cli/commands.ts')).toContain('src/cli/check.ts');
    expect([...all.values()].flat().length).toBeGreaterThan(1_000);
    expect([...values.values()].flat().length).toBeLessThan([...all.values()].flat().length);
  });

  test('import no values in a circle', () => {
    expect([...circlesOf(values).values()].filter((circle) => circle.length > 1)).toEqual([]);
  });

  test(`have no chain of more than ${longest.ofValues} files`, () => {
    const chain = longestChain(values);
    expect(chain.length, chain.join('\n')).toBeLessThanOrEqual(longest.ofValues);
  });

  test(`have no chain of more than ${longest.withTypes} files, types counted`, () => {
    const chain = longestChain(all);
    expect(chain.length, chain.join('\n')).toBeLessThanOrEqual(longest.withTypes);
  });
});

test.each([
  ["import a from './a.ts';", ['./a.ts']],
  ["import type { A } from './a.ts';", []],
  ["import { type A, type B } from './a.ts';", []],
  ["import { type A, b } from './a.ts';", ['./a.ts']],
  ["import {\n  type A,\n  b,\n} from './a.ts';", ['./a.ts']],
  ["export type { A } from './a.ts';", []],
  ["export * from './a.ts';", ['./a.ts']],
  ["const a = await import('./a.ts');", ['./a.ts']],
])('%s imports as values %j', (source, expected) => {
  expect(valueImportsOf(source)).toEqual(expected);
});
