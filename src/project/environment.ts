import { pathSecrets, urlSecrets } from '../kernel/redact.ts';
import { isRecord, member } from '../kernel/shape.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A `${VAR}` found in a definition. */
export interface Variable {
  readonly name: string;
  /** Where in the definition it stands. */
  readonly path: string;
}

// `$$` comes first, so that `$${A}` is the text ${A} and no variable.
const pattern = /\$\$|\$\{([A-Za-z_]\w*)\}/g;

/** Every variable in the strings of a value, in order. */
export function variablesIn(found: unknown, path = ''): readonly Variable[] {
  if (typeof found === 'string') {
    return [...found.matchAll(pattern)].flatMap(([, name]) => (name === undefined ? [] : [{ name, path }]));
  }
  if (Array.isArray(found)) return found.flatMap((item, index) => variablesIn(item, `${path}[${index}]`));
  if (!isRecord(found)) return [];
  return Object.entries(found).flatMap(([key, item]) => variablesIn(item, member(path, key)));
}

/** Those of the variables that the environment does not set. Empty counts as unset. */
export const unsetIn = (found: unknown, env: Environment, path = ''): readonly Variable[] =>
  variablesIn(found, path).filter(({ name }) => !env[name]);

/** The value with every variable filled in; an unset one is left as it stands. `$$` becomes `$`. */
export function fillIn<T>(found: T, env: Environment): T {
  return fill(found, env) as T;
}

function fill(found: unknown, env: Environment): unknown {
  if (typeof found === 'string') {
    return found.replaceAll(pattern, (all, name?: string) => (name === undefined ? '$' : env[name] || all));
  }
  if (Array.isArray(found)) return found.map((item) => fill(item, env));
  if (!isRecord(found)) return found;
  return Object.fromEntries(Object.entries(found).map(([key, item]) => [key, fill(item, env)]));
}

/** The first `${…` that is no variable, as in `${1A}` or `${A`. */
export function brokenVariable(text: string): string | undefined {
  return /\$\{[^}]*\}?/.exec(text.replaceAll(pattern, ''))?.[0];
}

// By where it stands a text is a secret even where it is written into the definition itself.
const secretPlace = /(token|bearer|chat)$|authorization|api-?key|cookie|\bidentity\b/i;
const calledByUrl = /^channels\b|^heartbeat$/;

/**
 * Values that must never be shown: those of all variables, of identity headers and of other places of secrets, and
 * the userinfo and query of every URL. Of a variable that holds a URL only these parts are secret; of a URL that is
 * called to tell somebody, the longer parts of its path too.
 */
export function secretsIn(found: unknown, env: Environment): readonly string[] {
  const fromVariables = variablesIn(found).flatMap(({ name }) => {
    const value = env[name] ?? '';
    return isUrl(value) ? urlSecrets(value) : [value];
  });
  const written = stringsIn(fillIn(found, env)).flatMap(({ text, path }) =>
    variablesIn(text).length > 0
      ? []
      : [
          ...(secretPlace.test(path) ? [text, ...credentialOf(text)] : []),
          ...urlSecrets(text),
          ...(calledByUrl.test(path) ? pathSecrets(text) : []),
        ],
  );
  return [...new Set([...fromVariables, ...written])].filter((text) => text !== '');
}

const isUrl = (text: string): boolean => /^[a-z][a-z\d+.-]*:\/\//i.test(text) && URL.canParse(text);

// `Bearer abc`: what follows the scheme is the secret.
const credentialOf = (text: string): readonly string[] => text.split(' ').slice(1);

/** Every text of a value, with its place. */
export function stringsIn(
  found: unknown,
  path = '',
): readonly { readonly text: string; readonly path: string }[] {
  if (typeof found === 'string') return [{ text: found, path }];
  if (Array.isArray(found)) return found.flatMap((item, index) => stringsIn(item, `${path}[${index}]`));
  if (!isRecord(found)) return [];
  return Object.entries(found).flatMap(([key, item]) => stringsIn(item, member(path, key)));
}
