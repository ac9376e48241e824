/** Sequences as a reader looks them up: a few by name, many as first and last with their number. */
export function citeText(seqs: readonly number[]): string {
  const sorted = [...new Set(seqs)].toSorted((a, b) => a - b);
  if (sorted.length === 0) return 'no event';
  if (sorted.length <= 4) return sorted.map((seq) => `#${seq}`).join(' ');
  return `#${sorted[0]} … #${sorted.at(-1)}, ${sorted.length} events`;
}
