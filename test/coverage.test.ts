import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { read, requirementIds, root } from './support/sources.ts';

interface Row {
  readonly id: string;
  readonly status: string;
  readonly where: readonly string[];
  readonly tests: readonly string[];
}

const paths = (cell = ''): readonly string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path);

const rows: readonly Row[] = read('docs/coverage.md')
  .split('\n')
  .filter((line) => /^\| R\d/.test(line))
  .map((line) => {
    const [, what = '', status = '', where, tests] = line.split('|').map((cell) => cell.trim());
    return { id: what.split(' ')[0] ?? '', status, where: paths(where), tests: paths(tests) };
  });

// What stands before the function of a test or a group of tests; in a table, the row's own `id`.
const title = /(['"`])((?:(?!\1).)*)\1,\s*(?:async\s*)?\(/g;
const rowId = /\bid: '(R\d+)'/g;

/** The requirements that titles of tests name. A comment shows nothing. */
function shownIn(path: string): readonly string[] {
  const source = read(path);
  const titles = [...source.matchAll(title)].map(([, , text = '']) => text);
  const ids = titles.flatMap((text) => [...text.matchAll(/\bR\d+\b/g)].map(([id]) => id));
  const tables = titles.some((text) => text.includes('$id')) ? [...source.matchAll(rowId)] : [];
  return [...ids, ...tables.map(([, id = '']) => id)];
}

const cites = (path: string, id: string): boolean => shownIn(path).includes(id);

describe('docs/coverage.md', () => {
  test('has one row for each requirement of docs/requirements.md, in its order', () => {
    expect(rows.map(({ id }) => id)).toEqual(requirementIds());
  });

  test('says of each whether it is done, what is missing, or that it is not yet there', () => {
    expect(rows.filter(({ status }) => !/^(done|partly: .+|not yet)$/.test(status))).toEqual([]);
  });

  test('names only what exists', () => {
    const named = rows.flatMap(({ where, tests }) => [...where, ...tests]);
    expect(named.length).toBeGreaterThan(60);
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  test('calls done only what tests show by their titles, and what is not there is nowhere', () => {
    const done = rows.filter(({ status }) => status === 'done');
    expect(done.length).toBeGreaterThan(10);
    const bare = done.filter(
      ({ id, where, tests }) =>
        where.length === 0 ||
        tests.length === 0 ||
        tests.some((path) => !/\.(test|e2e)\.ts$/.test(path) || !cites(path, id)),
    );
    expect(bare.map(({ id }) => id)).toEqual([]);
    expect(rows.filter(({ status, where }) => status === 'not yet' && where.length > 0)).toEqual([]);
  });
});
