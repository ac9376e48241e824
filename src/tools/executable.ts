import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { SiagaError, messageOf } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';
import { absent } from './types.ts';
import type { Found, Look, ProvisionContext, Source } from './types.ts';
import { printed } from '../kernel/printed.ts';

export type Probe =
  | { readonly ok: true; readonly found: Found }
  | { readonly ok: false; readonly reason: string };

/** Finds out whether an executable is the tool it should be, and which version. */
export type ProbeExecutable = (path: string, context: ProvisionContext) => Promise<Probe>;

/** Every executable of this name on PATH, in order; each real file once. */
export function onPath(name: string, { env, cwd, platform }: ProvisionContext): string[] {
  const file = platform === 'win32' ? `${name}.exe` : name;
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const paths = folders.map((folder) => resolve(cwd, folder, file)).filter((path) => !unusable(path));
  // The path itself is kept: a version manager's shim works only under its own name.
  return [...new Map(paths.toReversed().map((path) => [realpathSync(path), path])).values()].toReversed();
}

/** Why a path cannot be executed; `undefined` where it can. */
export function unusable(path: string): string | undefined {
  try {
    if (!statSync(path).isFile()) return 'it is not a file';
  } catch (error) {
    return `it does not exist (${messageOf(error)})`;
  }
  try {
    accessSync(path, constants.X_OK);
    return undefined;
  } catch {
    return 'it is not executable';
  }
}

/** The source of a tool that lies on PATH. The first one that will do wins; each other is passed over with its reason. */
export function pathSource(names: readonly string[], probe: ProbeExecutable): Source {
  return {
    name: 'path',
    async look(context): Promise<Look> {
      const candidates = names.flatMap((name) => onPath(name, context));
      const reasons: string[] = [];
      for (const path of candidates) {
        const result = await probe(path, context);
        if (result.ok) return { kind: 'found', found: result.found };
        reasons.push(`${path}: ${result.reason}`);
      }
      return absent(reasons.length === 0 ? `no ${names.join(' or ')} on PATH` : reasons.join('; '));
    },
  };
}

/**
 * Looks at an executable that a person named in a variable.
 * @throws {SiagaError} `tool-given-missing` (exit 2), `tool-given-unusable` (exit 3). What was given is never skipped.
 */
export async function lookAtGiven(
  variable: string,
  value: string,
  probe: ProbeExecutable,
  context: ProvisionContext,
): Promise<Look> {
  const path = resolve(context.cwd, value);
  const problem = unusable(path);
  if (problem !== undefined) throw wrongPath(variable, path, problem);
  const result = await probe(path, context);
  if (result.ok) return { kind: 'found', found: result.found };
  throw givenUnusable(variable, path, result.reason);
}

function wrongPath(variable: string, path: string, problem: string): SiagaError {
  return new SiagaError('tool-given-missing', {
    what: `${variable} names something that cannot be executed: ${problem}`,
    where: variable,
    got: path,
    allowed: 'the path of an executable file',
    hint: `correct ${variable}, or unset it to let siaga find or build the tool`,
    exitCode: exit.usage,
  });
}

export function givenUnusable(variable: string, got: string, reason: string): SiagaError {
  return new SiagaError('tool-given-unusable', {
    what: `what ${variable} names cannot be used: ${reason}`,
    where: variable,
    got,
    hint: `correct ${variable}, or unset it to let siaga find or build the tool; ${printed('doctor')} shows every tool`,
    exitCode: exit.inconclusive,
  });
}

export function joinEnv(
  context: ProvisionContext,
  extra: Found['env'] = {},
): Record<string, string | undefined> {
  return { ...context.env, ...extra };
}
