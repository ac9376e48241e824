import { readdirSync, statSync } from 'node:fs';
import type { ProjectFiles } from '../project/ports.ts';
import { callOwn } from './own-code.ts';

const longestLoadMs = 30_000;

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

/** The project's folder on disk. Links to files count as files. Once `interrupted` aborts, no file is waited for. */
export const projectFilesUntil = (interrupted?: AbortSignal): ProjectFiles => ({
  list: (folder) =>
    isFolder(folder)
      ? readdirSync(folder)
          .filter((name) => isFile(`${folder}/${name}`))
          .toSorted()
      : [],
  exists: isFolder,
  within: (file, load) =>
    callOwn({ part: `file ${file}`, timeoutMs: longestLoadMs, signal: interrupted }, load),
});
