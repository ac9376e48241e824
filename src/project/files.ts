import { readdirSync, statSync } from 'node:fs';

// The one file of this room that looks at the disk: definitions are found where they are loaded.

export const isFolder = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

/** Names of the plain files in a folder, sorted; empty where the folder does not exist. Links to files count. */
export function filesIn(folder: string): readonly string[] {
  if (!isFolder(folder)) return [];
  return readdirSync(folder)
    .filter((name) => isFile(`${folder}/${name}`))
    .toSorted();
}
