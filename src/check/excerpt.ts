import { redacted } from '../kernel/redact.ts';

const sensitive =
  /token|passw|passphrase|pwd|secret|authori[sz]ation|credential|cookie|session|jwt|signature|e-?mail|phone|(?:api|private|access)[-_]?key/i;
// Bounded, so that no body makes the search slow.
const name = String.raw`[\w.-]{0,40}(?:${sensitive.source})[\w.-]{0,40}`;
const string = String.raw`"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?`;
// An object or a list that belongs to such a name ends somewhere that is not known: the rest goes with it.
const pair = new RegExp(
  String.raw`(["']?${name}["']?\s*[:=]\s*)(?:[[{][^]*|${string}|(?:Bearer|Basic)\s+\S+|[^\s,;&<>"']+)`,
  'gi',
);
const address = /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,9}/g;
// Only 300 characters are shown; a whole structure is worth more than its beginning.
const mostParsed = 65_536;
const mostRead = 8_192;

/**
 * What a failed answer said, fit to be shown: values that belong to names such as token, password, authorization or
 * e-mail are hidden, in JSON by its structure and elsewhere by pattern; of a web page the text is left.
 */
export function excerpt(body: string): string {
  return structured(body) ?? masked(plain(body.slice(0, mostRead)));
}

/** A text without values that belong to such names, and without e-mail addresses. */
export function masked(text: string): string {
  return text.replaceAll(pair, `$1${redacted}`).replaceAll(address, redacted);
}

/** Whether what stands at this path belongs to such a name. */
export function isSensitive(path: string): boolean {
  return sensitive.test(path.split('.').at(-1) ?? '');
}

function structured(body: string): string | undefined {
  if (body.length > mostParsed) return undefined;
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== 'object' || parsed === null) return undefined;
    return JSON.stringify(parsed, (key, value: unknown) => {
      if (sensitive.test(key)) return redacted;
      return typeof value === 'string' ? masked(value) : value;
    });
  } catch {
    // No JSON, or nested deeper than a stack: judged by pattern.
    return undefined;
  }
}

function plain(text: string): string {
  if (!/^\s*</.test(text)) return text;
  return text.replaceAll(/<(script|style)\b[^]*?<\/\1\s*>/gi, ' ').replaceAll(/<[^>]*>?/g, ' ');
}
