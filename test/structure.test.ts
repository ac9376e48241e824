import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import runbook from '../runbook.ts';
import { reference } from '../siaga.config.ts';
import { bareCode, filesBelow, read, requirementIds, root } from './support/sources.ts';

interface Manifest {
  readonly files: readonly string[];
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly scripts: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(read('package.json')) as Manifest;
const exists = (path: string): boolean => existsSync(join(root, path));
/** The source of a compiled file. */
const sourceOf = (path: string): string =>
  path.replace(/^\.\/dist\//, 'src/').replace(/(\.d\.ts|\.js)$/, '.ts');

describe('package.json', () => {
  test('what it publishes exists, or is compiled from what exists', () => {
    expect(manifest.files.filter((path) => path !== 'dist' && !exists(path))).toEqual([]);
    expect(Object.values(manifest.bin).filter((path) => !exists(path))).toEqual([]);
  });

  test('what it exports is compiled from what exists', () => {
    const targets = Object.values(manifest.exports).flatMap((to) =>
      typeof to === 'string' ? [to] : Object.values(to),
    );
    expect(targets.map(sourceOf).filter((path) => !exists(path))).toEqual([]);
  });

  test('what it is installed with on another machine names no registry', () => {
    expect(read('package-lock.json').match(/"resolved": "\w+:.*/g)).toBe(null);
  });

  test('each script runs a file that exists', () => {
    const paths = Object.values(manifest.scripts).flatMap(
      (script) => script.match(/[\w./-]+\.(?:ts|mjs)/g) ?? [],
    );
    expect(paths.length).toBeGreaterThan(5);
    expect(paths.filter((path) => !exists(path))).toEqual([]);
  });
});

const documents = [...['README.md', 'reference/README.md'].filter(exists), ...filesBelow('docs', '.md')];

describe('documents', () => {
  test('there is a README, and the architecture is told', () => {
    expect(documents).toEqual(expect.arrayContaining(['README.md', 'docs/architecture.md']));
  });

  test('each link leads to a file that exists', () => {
    const broken = documents.flatMap((path) =>
      [...read(path).matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, link = '']) => link.replace(/#.*$/, ''))
        .filter((link) => link !== '' && !/^[a-z]+:/.test(link))
        .filter((link) => !exists(posix.join(posix.dirname(path), link)))
        .map((link) => `${path}: ${link}`),
    );
    expect(broken).toEqual([]);
  });

  test('each npm script that is named exists', () => {
    const named = documents.flatMap((path) =>
      [...read(path).matchAll(/npm run (?:-s )?([\w:-]+)/g)].map(([, script = '']) => `${path}: ${script}`),
    );
    expect(named.filter((line) => manifest.scripts[line.split(': ')[1] ?? ''] === undefined)).toEqual([]);
  });
});

/** What stands in quotes, comments left out. */
const literals = (source: string): readonly string[] =>
  [...source.matchAll(/\/\*[^]*?\*\/|\/\/[^\n]*|(['"`])((?:\\.|(?!\1)[^\\])*)\1/g)].flatMap(
    ([, quote, text = '']) => (quote === undefined ? [] : [text]),
  );

describe('the reference system', () => {
  const { signals, toggles, roles, recovery } = runbook;
  const metrics = Object.values(signals).flatMap(({ source }) =>
    typeof source === 'object' ? [source.metric] : [],
  );
  const { state, transitions } = roles.breaker;
  const names = new Set([
    ...Object.keys(signals),
    ...Object.keys(toggles),
    // A proxy that is called as its protocol is no name of its own.
    ...Object.entries(reference.proxies).flatMap(([name, { probe }]) => (name === probe.kind ? [] : [name])),
    ...metrics,
    state.metric,
    transitions.metric,
    recovery.providerState,
  ]);
  // What a runbook without roles means stands there, once.
  const code = filesBelow('src', '.ts').filter(
    (path) => !/\.test(-d)?\.ts$|\/testing\//.test(path) && path !== 'src/runbook/roles.ts',
  );
  const foundIn = (source: string): readonly string[] => [
    ...literals(source).filter((text) => names.has(text)),
    // A state or a tag is asked by what the runbook calls it.
    ...(source.match(/\bstates(?:\?\.)?\[\s*['"`][^\]]*\]|\btags\.includes\(\s*['"`][^)]*\)/g) ?? []),
  ];

  test('none of its names stands in the code', () => {
    expect(names.size).toBeGreaterThan(25);
    expect(code.length).toBeGreaterThan(300);
    expect(code.flatMap((path) => foundIn(read(path)).map((name) => `${path}: ${name}`))).toEqual([]);
  });

  test.each([
    ["const latency = 'rest.latency';", 1],
    ['if (toggle === "RATE_LIMIT_POLICY") warn();', 1],
    ["if (states['degraded']) wait();", 1],
    ["tags.includes('ready')", 1],
    ["// as in 'rest.latency'\n/** 'db.up' */ const a = 'own';", 0],
    ["tags.includes(ready) && states[name] === 'rest'", 0],
  ])('%s would be found', (source, count) => {
    expect(foundIn(source)).toHaveLength(count);
  });
});

describe('decisions', () => {
  const records = filesBelow('docs/decisions', '.md').toSorted();

  test('each record says context, decision and consequence', () => {
    const form = /^# .+\n\n\*\*Context\.\*\* [^]+\n\n\*\*Decision\.\*\* [^]+\n\n\*\*Consequence\.\*\* /;
    expect(records.length).toBeGreaterThan(20);
    expect(records.filter((path) => !form.test(read(path)))).toEqual([]);
  });

  test('the index in docs/architecture.md lists each record once, in order, by its number and title', () => {
    const index = read('docs/architecture.md').match(/^- \d{3} \[.+\]\(decisions\/.+\)$/gm);
    const expected = records.map((path) => {
      const file = posix.basename(path);
      return `- ${file.slice(0, 3)} [${/^# (.+)$/m.exec(read(path))?.[1]}](decisions/${file})`;
    });
    expect(index).toEqual(expected);
    expect(records.map((path) => Number(posix.basename(path).slice(0, 3)))).toEqual(
      records.map((_, place) => place + 1),
    );
  });
});

describe('requirement ids', () => {
  const listed = requirementIds();
  const places = [
    ...documents.filter((path) => path !== 'docs/requirements.md'),
    'runbook.ts',
    ...['chaos', 'checks', 'scenarios', 'src', 'test'].flatMap((folder) => filesBelow(folder, '.ts')),
  ];
  const cited = places.flatMap((path) => [...read(path).matchAll(/\bR\d+\b/g)].map(([id]) => ({ path, id })));

  test('are listed in docs/requirements.md without a gap, each with one sentence', () => {
    expect(listed.length).toBeGreaterThan(30);
    expect(listed).toEqual(listed.map((_, place) => `R${place + 1}`));
    const lines = read('docs/requirements.md').match(/^- \*\*R\d+\*\* .*$/gm) ?? [];
    expect(lines.filter((line) => !/^[^.]+(?:\.\S[^.]*)*\.$/.test(line))).toEqual([]);
  });

  test('are cited', () => {
    expect(cited.length).toBeGreaterThan(30);
  });

  test('that are cited are listed in docs/requirements.md', () => {
    const unknown = cited.filter(({ id }) => !listed.includes(id)).map(({ path, id }) => `${path}: ${id}`);
    expect(unknown).toEqual([]);
  });
});

describe('tests', () => {
  const tests = [
    ...['src', 'test', 'reference', 'checks', 'chaos'].flatMap((folder) => filesBelow(folder, '.test.ts')),
    ...filesBelow('test/e2e', '.e2e.ts'),
  ];

  test('none is skipped, postponed, alone or tried again', () => {
    const pattern = /\b(?:test|it|describe)(?:\.\w+)*\.(?:skip|only|todo|fails|skipIf|runIf)\b|\bretry:\s*\d/;
    expect(tests.length).toBeGreaterThan(20);
    expect(tests.filter((path) => pattern.test(bareCode(read(path))))).toEqual([]);
  });
});
