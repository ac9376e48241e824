import { fileURLToPath, pathToFileURL } from 'node:url';
import { relative } from 'node:path';
import type { Diagnostic } from '../kernel/diagnostic.ts';
import { type ErrorFacts, messageOf } from '../kernel/errors.ts';
import { homeUrl } from '../kernel/place.ts';
import { type Hooks, holdHooks } from './hooks.ts';
import type { ProjectFiles } from './ports.ts';

/** What a file exports by name, or why it could not be read. */
export type ReadModule =
  | { readonly file: string; readonly exports: Readonly<Record<string, unknown>> }
  | { readonly file: string; readonly failure: Diagnostic };

/**
 * Imports files of a project one after another, in the given order. Never rejects.
 * @param dir the project's folder, absolute.
 * @param files relative to it.
 * @param within bounds the time of each: a top-level `await` may wait for what never comes.
 */
export async function readModules(
  dir: string,
  files: readonly string[],
  within: ProjectFiles['within'],
): Promise<readonly ReadModule[]> {
  const base = pathToFileURL(`${dir}/`).href;
  using hooks = holdHooks(base);
  const modules: ReadModule[] = [];
  for (const file of files) modules.push(await readModule(dir, file, hooks, within));
  return modules;
}

async function readModule(
  dir: string,
  file: string,
  hooks: Hooks,
  within: ProjectFiles['within'],
): Promise<ReadModule> {
  hooks.forget();
  try {
    const exports: unknown = await within(file, () => import(pathToFileURL(`${dir}/${file}`).href));
    return { file, exports: exports as Record<string, unknown> };
  } catch (error) {
    return { file, failure: failureOf(error, dir, file, hooks.lastRead()) };
  }
}

function failureOf(error: unknown, dir: string, file: string, lastRead: string | undefined): Diagnostic {
  const place = placeOf(error, dir) ?? (lastRead === undefined ? file : relativeTo(dir, lastRead));
  const facts = factsOf(error);
  if (facts !== undefined) {
    const { what, where, got, allowed, hint } = facts;
    return {
      level: 'error',
      file: place,
      path: where ?? '',
      message: what,
      ...(got !== undefined && { got }),
      ...(allowed !== undefined && { allowed }),
      ...(hint !== undefined && { hint }),
    };
  }
  return {
    level: 'error',
    file: place,
    path: '',
    message: `this file cannot be loaded: ${firstLine(error)}`,
    ...hintFor(error),
  };
}

const firstLine = (error: unknown): string => messageOf(error).split('\n')[0] ?? '';

// By shape, not by class: a definition may come from another copy of the module.
function factsOf(error: unknown): ErrorFacts | undefined {
  return error instanceof Error && error.name === 'SiagaError' && 'facts' in error
    ? (error.facts as ErrorFacts)
    : undefined;
}

function hintFor(error: unknown): { readonly hint?: string } {
  const message = messageOf(error);
  if (codeOf(error) === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX')
    return { hint: 'types are stripped, not compiled: use a union or a plain object instead' };
  if (/does not provide an export named '(?!default')/.test(message))
    return { hint: 'a type must be imported with `import type`' };
  const [, name] = /Cannot find package '([^']+)'/.exec(message) ?? [];
  return name === undefined ? {} : { hint: `install it beside the project: npm install ${name}` };
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

// Frames of our own are no place in the project, though a checkout is its own project.
const ownSources = homeUrl.href;

/** `checks/x.ts:3`: who imported what is missing, else the first place in the project that the stack names. */
function placeOf(error: unknown, dir: string): string | undefined {
  const base = pathToFileURL(`${dir}/`).href;
  const [, importer] = / imported from (\S+)$/.exec(messageOf(error)) ?? [];
  if (importer?.startsWith(`${dir}/`)) return relativeTo(dir, pathToFileURL(importer).href);
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const [, url, line] =
    [...stack.matchAll(/(file:\/\/[^\s()]+?):(\d+)/g)].find(
      ([, at]) => at?.startsWith(base) && !at.startsWith(ownSources),
    ) ?? [];
  return url === undefined ? undefined : `${relativeTo(dir, url)}:${line}`;
}

const relativeTo = (dir: string, url: string): string =>
  relative(dir, fileURLToPath(url)).replaceAll('\\', '/');
