import { existsSync, readdirSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bareCode, filesBelow, importsOf, read, root } from './support/sources.ts';

// Who may import whom. A room is a folder of src; a path with a slash is one file of a room.
const base = ['kernel', 'event', 'runbook', 'signal'];
// What everybody who tells of incidents reads.
const told = [...base, 'projection'];
const domain = [
  ...told,
  'check',
  'load',
  'toggle',
  'effect',
  'sampling',
  'chaos',
  'incident',
  'project/target.ts',
];
const rooms: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  event: ['kernel'],
  runbook: ['kernel', 'event'],
  signal: ['kernel', 'event', 'runbook'],
  projection: base,
  check: base,
  load: base,
  toggle: base,
  effect: [...base, 'toggle'],
  guard: ['kernel', 'event', 'effect'],
  sampling: [...base, 'check', 'load', 'toggle'],
  chaos: [...told, 'check', 'load', 'toggle', 'effect', 'sampling', 'project/target.ts'],
  incident: [...base, 'toggle'],
  project: [...base, 'check', 'load', 'chaos', 'notify/channel.ts', 'sampling/source.ts'],
  exercise: [...domain, 'project'],
  notify: ['kernel', 'event', 'runbook', 'projection', 'project/target.ts'],
  report: [...told, 'check', 'load', 'incident', 'chaos'],
  export: [...told, 'check', 'load', 'incident', 'chaos'],
  store: ['kernel', 'event'],
  tools: ['kernel'],
  adapter: [...domain, 'guard', 'notify', 'project', 'export', 'tools', 'store', 'run/launcher.ts'],
  run: [...domain, 'project', 'exercise', 'notify', 'report', 'export', 'tools/types.ts'],
  cli: [...domain, 'project', 'exercise', 'notify', 'report', 'export', 'tools', 'run'],
  'index.ts': [
    'kernel',
    'event',
    'runbook',
    'check',
    'chaos',
    'notify',
    'sampling/source.ts',
    'project/target.ts',
  ],
};
// Processes: they join everything.
const entries = ['start.ts', 'main.ts', 'guard.ts'];

// Only these rooms touch the process, the disk, the network, timers and the console.
const edges = ['adapter', 'store', 'tools', 'cli'];
const pureModules = ['node:path', 'node:url', 'node:util', 'node:crypto'];
// Importing modules is what the room of definitions is for.
const pureExtras: Readonly<Record<string, readonly string[]>> = { project: ['node:module'] };
const packages: Readonly<Record<string, readonly string[]>> = {
  'index.ts': ['@standard-schema/spec'],
  check: ['@standard-schema/spec'],
  chaos: ['@standard-schema/spec'],
  notify: ['@standard-schema/spec'],
  project: ['@standard-schema/spec'],
  cli: ['commander', 'picocolors'],
  // The last three are what k6 itself gives the module in front of a script.
  adapter: ['toxiproxy-node-client', 'ws', 'prom-client', 'k6/execution', 'k6/http', 'k6/metrics'],
};
const impure =
  /\bprocess\.|\bconsole\.|\b(?:setTimeout|setInterval|setImmediate|queueMicrotask|fetch)\(|\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bperformance\./;

const isTest = (path: string): boolean => /\.test(-d)?\.ts$|\/testing\//.test(path);
const roomOf = (path: string): string => path.split('/')[1] ?? '';
const files = filesBelow('src', '.ts');
const code = files.filter((path) => !isTest(path));
const inRooms = code.filter((path) => !entries.includes(roomOf(path)));

/** The file of src that a specifier means, as `room/file.ts`. */
const inside = (path: string, specifier: string): string =>
  posix.relative('src', posix.join(posix.dirname(path), specifier));

describe('who may import whom', () => {
  test('every file of src was walked', () => {
    const all = readdirSync(join(root, 'src'), { recursive: true }).filter((name) =>
      String(name).endsWith('.ts'),
    );
    expect(files).toHaveLength(all.length);
    expect(files.length).toBeGreaterThan(100);
  });

  test('every folder of src is a room of the list, and every room of the list exists', () => {
    const found = new Set(files.map(roomOf));
    expect([...found].toSorted()).toEqual([...Object.keys(rooms), ...entries].toSorted());
  });

  test('docs/architecture.md tells what each room of the list holds, and of no other', () => {
    const rows = read('docs/architecture.md').match(/^\| `[a-z`, ]+ +\|/gm) ?? [];
    const listed = rows.flatMap((row) => [...row.matchAll(/`([a-z]+)`/g)].map(([, room = '']) => room));
    const folders = Object.keys(rooms).filter((room) => !room.includes('.'));
    expect(listed.toSorted()).toEqual(folders.toSorted());
  });

  test('imports are found at all', () => {
    const source =
      "import a from './a.ts';\nexport {\n  b,\n} from 'b';\nimport 'c';\nconst d = await import('d');";
    expect(importsOf(source)).toEqual(['./a.ts', 'b', 'c', 'd']);
    expect(inRooms.flatMap((path) => importsOf(read(path))).length).toBeGreaterThan(inRooms.length);
  });

  test.each(Object.keys(rooms))('%s imports only what it may', (room) => {
    const allowed = rooms[room] ?? [];
    const wrong = inRooms
      .filter((path) => roomOf(path) === room)
      .flatMap((path) =>
        importsOf(read(path))
          .filter((specifier) => specifier.startsWith('.'))
          .map((specifier) => inside(path, specifier))
          .filter((target) => target.split('/')[0] !== room)
          .filter((target) => !allowed.includes(target) && !allowed.includes(target.split('/')[0] ?? ''))
          .map((target) => `${path} imports ${target}`),
      );
    expect(wrong).toEqual([]);
  });

  test('every relative import names a file that exists', () => {
    const gone = files.flatMap((path) =>
      importsOf(bareImports(path))
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => posix.join(posix.dirname(path), specifier))
        .filter((target) => !existsSync(join(root, target)))
        .map((target) => `${path} imports ${target}`),
    );
    expect(gone).toEqual([]);
  });

  test('packages are used only where they belong', () => {
    const wrong = inRooms.flatMap((path) =>
      importsOf(read(path))
        .filter((specifier) => !specifier.startsWith('.') && !isBuiltin(specifier))
        .filter((specifier) => !(packages[roomOf(path)] ?? []).includes(specifier))
        .map((specifier) => `${path} imports ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });
});

describe('what happened is folded in projection/ alone', () => {
  const tellers = ['export', 'report', 'notify', 'cli'];
  // What becomes of incidents, experiments and faults; the files beside projection/ that may know its events, and why.
  const ofThese =
    /'(?:incident\.(?:transition|resumed|noticed|history)|experiment\.\w+|expectation\.\w+|fault\.\w+)'/;
  const known = [
    'src/notify/announce.ts', // is woken by them
    'src/notify/story.ts', // sorts them out by message, and asks for them
    'src/report/fold/timeline.ts', // each on a line of its own
    'src/report/live/state.ts', // one after another, as they come
    'src/report/rejudge.ts', // compares them with those derived again
    'src/report/words.ts', // says each in words
  ];

  test('no other file that tells people looks at these events itself', () => {
    const found = code.filter((path) => tellers.includes(roomOf(path)) && ofThese.test(read(path)));
    expect(found.toSorted()).toEqual(known);
  });
});

describe('only the edge touches the world', () => {
  const pure = inRooms.filter((path) => !edges.includes(roomOf(path)));

  test('no other room imports the disk, the network or processes', () => {
    const wrong = pure.flatMap((path) =>
      importsOf(read(path))
        .filter(isBuiltin)
        .filter((specifier) => ![...pureModules, ...(pureExtras[roomOf(path)] ?? [])].includes(specifier))
        .map((specifier) => `${path} imports ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });

  test('no other room takes the time, a random number, a timer, the process or the console', () => {
    const wrong = pure.flatMap((path) => {
      const [found] = impure.exec(bareCode(read(path))) ?? [];
      return found === undefined ? [] : [`${path} uses ${found}`];
    });
    expect(wrong).toEqual([]);
  });

  test.each([
    'process.env',
    'console.log(1)',
    'setTimeout(f, 1)',
    'Date.now()',
    'new Date()',
    'Math.random()',
    'fetch(url)',
  ])('%s would be noticed, in a comment or text it is not', (text) => {
    expect(impure.test(bareCode(`const a = ${text};`))).toBe(true);
    expect(impure.test(bareCode(`// ${text}\n/* ${text} */ const a = '${text}' + \`${text}\`;`))).toBe(false);
  });
});

describe('the reference system and Siaga do not know each other', () => {
  test('no file of reference imports Siaga or the launcher', () => {
    const theirs = importsBelow('reference');
    expect(theirs.length).toBeGreaterThan(20);
    expect(theirs.filter(([, to]) => /^(src|launcher)\/|^siaga/.test(to))).toEqual([]);
  });

  test('no file of Siaga imports either of them: a checkout finds the launcher by its path', () => {
    const ours = importsBelow('src').filter(([, to]) => /^(reference|launcher)\//.test(to));
    expect(ours).toEqual([]);
  });

  test('the launcher imports of Siaga only what finds tools, and what is asked of it', () => {
    const theirs = importsBelow('launcher').filter(([path]) => !isTest(path));
    const ours = theirs.filter(([, to]) => to.startsWith('src/'));
    expect(ours.length).toBeGreaterThan(20);
    expect(ours.filter(([, to]) => !/^src\/(kernel|tools)\/|^src\/run\/launcher\.ts$/.test(to))).toEqual([]);
    expect(theirs.filter(([, to]) => to.startsWith('reference/'))).toEqual([]);
  });
});

function isBuiltin(specifier: string): boolean {
  return specifier.startsWith('node:') || builtinModules.includes(specifier);
}

// Tests hold sources in templates; an import there is no import of the file.
function bareImports(path: string): string {
  return isTest(path) ? read(path).replaceAll(/`(?:\\.|[^`\\])*`/g, '``') : read(path);
}

/** Every import of a folder's files, as paths of the checkout. */
function importsBelow(folder: string): readonly (readonly [string, string])[] {
  return filesBelow(folder, '.ts').flatMap((path) =>
    importsOf(bareImports(path)).map(
      (to) => [path, to.startsWith('.') ? posix.join(posix.dirname(path), to) : to] as const,
    ),
  );
}
