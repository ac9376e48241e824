/** Whether a system means the same by both values of a setting: `TRUE` is `true`, `04` is `4`, spaces around mean nothing. */
export const sameValue = (a: string, b: string): boolean => canonical(a) === canonical(b);

function canonical(value: string): string {
  const text = value.trim();
  if (/^(true|false)$/i.test(text)) return text.toLowerCase();
  return /^-?\d+(\.\d+)?$/.test(text) ? String(Number(text)) : text;
}
