declare const brand: unique symbol;
/** Text that is XML already. */
export type Xml = string & { readonly [brand]: 'xml' };

/** An element with its attributes and its text or children, well-formed for any text whatever. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  content: string | readonly Xml[],
): Xml {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(String(value))}"`);
  const inner = typeof content === 'string' ? escapeXml(content) : content.join('');
  const open = `<${name}${written.join('')}`;
  return (inner === '' ? `${open}/>` : `${open}>${inner}</${name}>`) as Xml;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\n': '&#10;',
  '\r': '&#13;',
  '\t': '&#9;',
};

// XML 1.0 has no way at all to write most control characters, half surrogates, U+FFFE and U+FFFF.
const unwritable = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

/** Any text as XML character data or attribute value; characters that XML cannot hold are removed. */
export function escapeXml(text: string): string {
  return text
    .replaceAll(unwritable, '')
    .replaceAll(/[&<>"'\n\r\t]/g, (character) => entities[character] ?? '');
}
