import { readdirSync, statSync } from 'node:fs';
import type { ProjectFiles } from '../project/ports.ts';

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

/** The project's folder on disk. Links to files count as files. */
export const projectFiles: ProjectFiles = {
  list: (folder) =>
    isFolder(folder)
      ? readdirSync(folder)
          .filter((name) => isFile(`${folder}/${name}`))
          .toSorted()
      : [],
  exists: isFolder,
};
