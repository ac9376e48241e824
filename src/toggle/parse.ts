/**
 * Toggles out of what a system answers: an object of names and plain values.
 * `undefined` where it is none; members that are no plain value are left out.
 */
export function parseToggles(text: string): Readonly<Record<string, string>> | undefined {
  const body = parseJson(text);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
  const plain = Object.entries(body).filter(([, value]) =>
    ['string', 'number', 'boolean'].includes(typeof value),
  );
  return Object.fromEntries(plain.map(([name, value]) => [name, String(value)]));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
