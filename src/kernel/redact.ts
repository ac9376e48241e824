// Shorter than this it is a word, or a figure, and removing it would garble every text.
const shortest = 4;
const shortestNumber = 6;
const ordinary =
  /^(?:true|false|null|undefined|none|auto|enabled|disabled|https?|localhost|127\.0\.0\.1|siaga)$/i;

export const redacted = '[redacted]';

/**
 * A function that removes these secrets from any text: as they are, and percent-encoded, JSON-escaped, as HTML
 * entities, in base64 (also inside a longer encoded text, as in Basic credentials) and in hex. Left alone are secrets
 * under four characters, numbers under six digits, ordinary words such as `true`, and whatever is part of a spared
 * name. Longer secrets are removed first, so that one inside another leaves no rest.
 * @param spared names that stand everywhere anyway, and by which things are found
 */
export function redactor(
  secrets: readonly string[],
  spared: readonly string[] = [],
): (text: string) => string {
  const worth = [...new Set(secrets)].filter(
    (secret) => isTelling(secret) && ![redacted, ...spared].some((name) => name.includes(secret)),
  );
  const forms = worth.toSorted((a, b) => b.length - a.length).flatMap((secret) => formsOf(secret));
  if (forms.length === 0) return (text) => text;
  const any = new RegExp(forms.join('|'), 'gu');
  return (text) => text.replace(any, redacted);
}

function isTelling(secret: string): boolean {
  if (secret.length < shortest || ordinary.test(secret)) return false;
  return !/^[-+\d.,:]*$/.test(secret) || secret.replaceAll(/\D/g, '').length >= shortestNumber;
}

/** What one process knows to be secret. It grows while a command learns more. */
export interface Secrets {
  /** From now on these are hidden, except what is part of one of the `spared` names of this or an earlier call. */
  keep(values: readonly string[], spared?: readonly string[]): void;
  /** The text without them, and without what is a secret by its form. */
  hide(text: string): string;
}

/** @param spared names that are never hidden */
export function createSecrets(spared: readonly string[] = []): Secrets {
  const known = new Set<string>();
  const names = new Set(spared);
  let remove = redactor([]);
  return {
    keep(values, more = []) {
      for (const value of values) known.add(value);
      for (const name of more) names.add(name);
      remove = redactor([...known], [...names]);
    },
    hide: (text) => hideByForm(remove(text)),
  };
}

const secretName = String.raw`[\w-]*(?:password|passwd|passphrase|secret|token|api[_-]?key|credential)[\w-]*`;
const userinfo = /\b([a-z][a-z\d+.-]*:\/\/)[^\s/?#@"'\\<>[\]]+@/gi;
// With a digit or padding in it, so that "basic authentication" stays.
const credentials = /\b(Bearer|Basic)\s+(?=[\w.~+/-]*[\d=])[\w.~+/-]{8,}=*/gi;
const assignment = new RegExp(String.raw`\b(${secretName}=)[^\s"'\\&;,()[\]<>…]+`, 'gi');

/**
 * Without what is a secret by its form, whoever wrote it: the userinfo of a URL, the credentials of an Authorization
 * header, and the value of `PASSWORD=…` and the like.
 */
export function hideByForm(text: string): string {
  return text
    .replaceAll(userinfo, `$1${redacted}@`)
    .replaceAll(credentials, `$1 ${redacted}`)
    .replaceAll(assignment, `$1${redacted}`);
}

const namedSecret = new RegExp(`^(?:${secretName}|.*(?:key|auth|pass|sess|cookie|bearer).*)$`, 'i');

/**
 * What is secret in a value that somebody gives a name on a command line: of a URL its secret parts, otherwise all of it,
 * but no plain word whose name does not say that it is one.
 */
export function assignedSecrets(name: string, value: string): readonly string[] {
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(value)) return urlSecrets(value);
  return /^[a-z]+$/i.test(value) && !namedSecret.test(name) ? [] : [value];
}

/** A URL, or what should be one, without user and password. */
export const withoutUserinfo = (url: string): string => url.replace(/\/\/[^/?#]*@/, '//…@');

/** The parts of a URL that are made to be secret: password, the values of its query, and a user that is no plain word. */
export function urlSecrets(url: string): readonly string[] {
  if (!URL.canParse(url)) return [];
  const { username, password, search, searchParams } = new URL(url);
  const user = /^[a-z]*$/i.test(username) ? [] : [username];
  const parts = [...user, password, ...search.replace('?', '').split(/[&=]/), ...searchParams.values()];
  return [...new Set([...parts, ...parts.map(decoded)])].filter(
    (part) => part !== '' && !searchParams.has(part),
  );
}

/** Segments of a URL's path that are long enough to be a key: services that are called by URL put it there. */
export function pathSecrets(url: string): readonly string[] {
  if (!URL.canParse(url)) return [];
  return new URL(url).pathname.split('/').filter(({ length }) => length >= 8);
}

/** What is secret in a URL that is called to reach people: services put their key into the path or the query. */
export function calledUrlSecrets(url: string): readonly string[] {
  if (!URL.canParse(url)) return [];
  const { pathname, search } = new URL(url);
  return [pathname, search, ...pathSecrets(url), ...urlSecrets(url)].filter((part) => part.length > 1);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function formsOf(secret: string): string[] {
  const bytes = [...new TextEncoder().encode(secret)];
  const written = [...secret].map(anyWriting).join('');
  const hex = caseless(bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(''));
  return [written, ...base64Forms(bytes), hex];
}

/** One character in each of the ways in which it may be written. */
function anyWriting(character: string): string {
  const bytes = [...new TextEncoder().encode(character)];
  const percent = bytes.map((byte) => `%${caseless(byte.toString(16).padStart(2, '0'))}`).join('');
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  const json = units.map((unit) => String.raw`\\u${caseless(unit.toString(16).padStart(4, '0'))}`).join('');
  const code = character.codePointAt(0) ?? 0;
  const html = `&#(?:0*${code}|[xX]0*${caseless(code.toString(16))});`;
  // The longest first, or the end of `%25` would stay behind where `%` alone matches.
  return `(?:${[percent, json, html, ...(special[character] ?? []), literal(character)].join('|')})`;
}

const special: Readonly<Record<string, readonly string[]>> = {
  ' ': [String.raw`\+`],
  '"': [String.raw`\\"`, '&quot;'],
  '\\': [String.raw`\\\\`],
  '/': [String.raw`\\/`],
  '&': ['&amp;'],
  '<': ['&lt;'],
  '>': ['&gt;'],
  "'": ['&apos;'],
  '\n': [String.raw`\\n`],
  '\t': [String.raw`\\t`],
};

// What stands around the secret changes its first and last characters in base64; those between are its own.
function base64Forms(bytes: readonly number[]): string[] {
  const forms = [0, 1, 2].flatMap((shift) => {
    const text = btoa(String.fromCodePoint(...Array.from({ length: shift }, () => 0), ...bytes));
    const own = text.slice(Math.ceil((shift * 4) / 3), Math.floor(((shift + bytes.length) * 4) / 3));
    return own.length < shortest ? [] : [own.replaceAll(/[+/]/g, (c) => (c === '+' ? '[+\\-]' : '[/_]'))];
  });
  return [...new Set(forms)];
}

const literal = (character: string): string => character.replace(/[$()*+./?[\\\]^{|}]/u, String.raw`\$&`);

const caseless = (hex: string): string =>
  hex.replaceAll(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
