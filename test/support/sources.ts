import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

export const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const skipped = new Set(['node_modules', 'dist', '.git', '.siaga', 'reports']);

/** Paths below a folder, relative to the checkout, with forward slashes. */
export function filesBelow(folder: string, ending: string): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : filesBelow(path, ending);
    return entry.name.endsWith(ending) ? [path] : [];
  });
}

/** The requirements that `docs/requirements.md` lists: `R1`, `R2`, in the order of the page. */
export const requirementIds = (): readonly string[] =>
  [...read('docs/requirements.md').matchAll(/^- \*\*(R\d+)\*\* /gm)].map(([, id = '']) => id);

const patterns = [
  /^\s*(?:import|export)\b[^'";]*?\bfrom\s*['"]([^'"]+)['"]/gm,
  /^\s*import\s*['"]([^'"]+)['"]/gm,
  /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g,
];

/** What a file imports, types included: `./x.ts`, `node:fs`, `ws`. */
export function importsOf(source: string): readonly string[] {
  return patterns.flatMap((pattern) => [...source.matchAll(pattern)].map(([, specifier = '']) => specifier));
}

/** Code without comments, and without what stands in quotes or templates. */
export function bareCode(source: string): string {
  return source.replaceAll(
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g,
    "''",
  );
}

/** What a file imports other than types alone. */
export function valueImportsOf(source: string): readonly string[] {
  return importsOf(source.replaceAll(/^\s*(?:import|export)\s+([^'";]*?)\s*\bfrom\b[^\n]*$/gm, typesLeftOut));
}

function typesLeftOut(statement: string, clause: string): string {
  const names = /^\{([^}]*)\}$/
    .exec(clause)?.[1]
    ?.split(',')
    .map((name) => name.trim());
  const isTypes = /^type\b/.test(clause) || names?.every((name) => name === '' || name.startsWith('type '));
  return isTypes ? '' : statement;
}
