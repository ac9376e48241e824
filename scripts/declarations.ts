import { readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Removes the declarations that none of the entries needs: the compiler writes those of every file it has read. */
export function keepReached(dist: string, entries: readonly string[]): void {
  const reached = new Set<string>();
  for (const entry of entries) walk(join(dist, entry), reached);
  const all = readdirSync(dist, { recursive: true, withFileTypes: true });
  for (const { name, parentPath } of all.filter((each) => each.isFile() && each.name.endsWith('.d.ts'))) {
    const file = join(parentPath, name);
    if (!reached.has(file)) rmSync(file);
  }
  for (const { name, parentPath } of all.filter((each) => each.isDirectory()).toReversed())
    removeEmpty(join(parentPath, name));
}

function walk(file: string, reached: Set<string>): void {
  if (reached.has(file)) return;
  reached.add(file);
  for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(
    /(?:from |import\(|import )['"](\.[^'"]+)['"]/g,
  ))
    walk(join(dirname(file), specifier.replace(/\.[jt]s$/, '.d.ts')), reached);
}

function removeEmpty(folder: string): void {
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}
