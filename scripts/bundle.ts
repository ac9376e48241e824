import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import type {
  ChunkingContext,
  CodeSplittingGroup,
  InputOptions,
  OutputChunk,
  OutputOptions,
  Plugin,
} from 'rolldown';
import { root } from './step.ts';

/**
 * Bundles what runs. The CLI and the public API share their modules, so that a project's definitions and the CLI have
 * the same classes. The guard is one file of its own: it lives on while the package is replaced, and must not look for
 * a file then.
 */
export async function bundle(dist: string): Promise<void> {
  const program = await write(
    { start: 'src/start.ts', index: 'src/index.ts', 'runbook/types': 'src/runbook/types.ts' },
    {
      dir: dist,
      // All in one folder: `kernel/place.ts` finds the others from wherever it was put.
      chunkFileNames: '[name]-[hash].js',
      codeSplitting: { groups: [front, definitions, shared] },
    },
  );
  const guard = await write({ guard: 'src/guard.ts' }, { dir: dist, codeSplitting: false });
  writeFileSync(join(dist, 'LICENSES.txt'), licensesOf([...program, ...guard]));
}

async function write(
  input: Readonly<Record<string, string>>,
  output: OutputOptions,
): Promise<readonly OutputChunk[]> {
  const options: InputOptions = {
    input: { ...input },
    cwd: root,
    platform: 'node',
    checks: { pluginTimings: false },
    plugins: [idleImport, lightImports],
    onLog: (level, log, tell) => tell(level === 'warn' ? 'error' : level, log),
  };
  await using build = await rolldown(options);
  const { output: written } = await build.write({ format: 'esm', comments: false, ...output });
  return written.filter((each) => each.type === 'chunk');
}

// Few files, because each takes time to open: what every start needs, what definitions need, what commands share; the
// rest is each command's own.
const front = reachedFrom('src/start.ts', 'front', 3);
const definitions = reachedFrom('src/index.ts', 'definitions', 2);
const shared: CodeSplittingGroup = { name: 'shared', minShareCount: 2, priority: 1 };

/** What an entry imports, itself or through others, other than on demand. The entry itself only runs where it is meant. */
function reachedFrom(entry: string, name: string, priority: number): CodeSplittingGroup {
  const reached = new Set<string>();
  const walk = (id: string, context: ChunkingContext): void => {
    if (reached.has(id)) return;
    reached.add(id);
    for (const imported of context.getModuleInfo(id)?.importedIds ?? []) walk(imported, context);
  };
  const nameOf = (id: string, context: ChunkingContext): string | null => {
    walk(join(root, entry), context);
    return reached.has(id) && id !== join(root, entry) ? name : null;
  };
  return { name: nameOf, debugName: name, priority };
}

/**
 * Importing a module of Node reads every name that it exports, also those that Node itself loads only when they are
 * used: for `WebSocket` and its events `node:http` loads all of `fetch`, which takes longer than the rest of a start;
 * `node:fs` loads its promises, and `node:process` opens the standard streams. Asked for as an object, a module loads
 * nothing of that.
 */
const lightImports: Plugin = {
  name: 'light-imports',
  resolveId: (id, importer) =>
    id.startsWith('node:') && id !== plainModule && importer !== bundlersOwn ? `${light}${id}` : null,
  load: (id) => (id.startsWith(light) ? lightCode(id.slice(light.length)) : null),
};

// What it is imported for is behind such a name, and loads nothing else.
const plainModule = 'node:async_hooks';
// What it imports is needed before any module of ours is there.
const bundlersOwn = '\0rolldown/runtime.js';

/** Commander can start programs of their own as commands. None of ours is one, and what starts them takes time to load. */
const idleImport: Plugin = {
  name: 'idle-import',
  resolveId: (id, importer) =>
    id === 'node:child_process' && importer?.includes('/node_modules/commander/') ? idle : null,
  load: (id) =>
    id === idle
      ? `export default { get spawn() { return process.getBuiltinModule('node:child_process').spawn; } };`
      : null,
};

// Modules that only their plugin knows, by the custom of bundlers.
const idle = '\0idle';
const light = '\0light:';

function lightCode(name: string): string {
  const module = process.getBuiltinModule(name);
  // None of its names is imported, and some of them say that they are deprecated.
  if (module === process) return 'export default process;';
  const all = Object.entries(Object.getOwnPropertyDescriptors(module));
  const plain = all.flatMap(([each, { get }]) => (get === undefined && each !== 'default' ? [each] : []));
  return `const module = process.getBuiltinModule('${name}');
export default module;
export const { ${plain.join(', ')} } = module;`;
}

/** The licences of the packages that are in the bundles, as they ask to be handed on. */
function licensesOf(chunks: readonly OutputChunk[]): string {
  const paths = chunks.flatMap(({ moduleIds }) => moduleIds);
  const names = paths.flatMap((path) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []);
  return [...new Set(names)].toSorted().map(licenseOf).join('\n');
}

function licenseOf(name: string): string {
  const folder = join(root, 'node_modules', name);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;
  const text = join(folder, 'LICENSE');
  return [
    `${name} ${String(manifest['version'])}: ${String(manifest['license'])}, by ${authorOf(manifest['author'])}`,
    ...(existsSync(text) ? ['', readFileSync(text, 'utf8').trim()] : []),
    '',
  ].join('\n');
}

function authorOf(author: unknown): string {
  return typeof author === 'string' ? author : String((author as { name?: unknown } | undefined)?.name);
}
