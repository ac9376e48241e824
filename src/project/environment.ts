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

const secretName = /TOKEN|SECRET|KEY|PASS|BEARER|CREDENTIAL|AUTH/i;
const secretPlace = /(token|bearer|chat)$|authorization|api-?key|cookie|^channels\b|^heartbeat$/i;

/**
 * Values that must never be shown: those of variables that are named or placed like a secret, secrets written
 * into the definition itself, and the passwords of URLs.
 */
export function secretsIn(found: unknown, env: Environment): readonly string[] {
  const fromVariables = variablesIn(found)
    .filter(({ name, path }) => secretName.test(name) || secretPlace.test(path))
    .map(({ name }) => env[name]);
  const written = stringsIn(fillIn(found, env)).flatMap(({ text, path }) => [
    ...(/(token|bearer)$|authorization/i.test(path) && variablesIn(text).length === 0 ? [text] : []),
    passwordOf(text),
  ]);
  // Shorter ones would blot out ordinary text.
  return [...new Set([...fromVariables, ...written])].filter(
    (text): text is string => (text?.length ?? 0) >= 4,
  );
}

function stringsIn(found: unknown, path = ''): readonly { readonly text: string; readonly path: string }[] {
  if (typeof found === 'string') return [{ text: found, path }];
  if (Array.isArray(found)) return found.flatMap((item, index) => stringsIn(item, `${path}[${index}]`));
  if (!isRecord(found)) return [];
  return Object.entries(found).flatMap(([key, item]) => stringsIn(item, member(path, key)));
}

function passwordOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { password } = new URL(text);
  return password === '' ? undefined : decodeURIComponent(password);
}
