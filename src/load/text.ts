/** Text of others in one bounded line without control characters: it may quote a response's body. */
export function oneLine(text: string, longest: number): string {
  return text
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, longest);
}
