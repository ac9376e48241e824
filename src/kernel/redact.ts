// Shorter than this it is a word, and removing it would garble every text.
const shortest = 4;

export const redacted = '[redacted]';

/**
 * A function that removes these secrets from any text: as they are, and percent-encoded, JSON-escaped, as HTML
 * entities, in base64 (also inside a longer encoded text, as in Basic credentials) and in hex. Secrets under four
 * characters are left alone. Longer secrets are removed first, so that one inside another leaves no rest.
 */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const worth = [...new Set(secrets)].filter(({ length }) => length >= shortest);
  const forms = worth.toSorted((a, b) => b.length - a.length).flatMap((secret) => formsOf(secret));
  if (forms.length === 0) return (text) => text;
  const any = new RegExp(forms.join('|'), 'gu');
  return (text) => text.replace(any, redacted);
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
