/** The known name closest to a misspelt one, or `undefined` where none is near (more than a third of it differs). */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  const ranked = [...known]
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
    .toSorted((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best && best.distance <= Math.max(2, name.length / 3) ? best.candidate : undefined;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, substitution));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}

/** "did you mean x?", or the list of what there is. */
export function suggest(
  near: string | undefined,
  known: Iterable<string>,
): { readonly hint?: string; readonly allowed: string } {
  const allowed = [...known].join(', ') || 'nothing is defined';
  return near === undefined ? { allowed } : { allowed, hint: `did you mean ${near}?` };
}

/** A value of a definition in a few words, bounded, on one line. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'function') return 'a function';
  const text = typeof value === 'string' ? `'${value}'` : safeJson(value);
  const line = text.replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ');
  return line.length <= longest ? line : `${line.slice(0, longest)}…`;
}

const longest = 100;

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? typeof value;
  } catch {
    return typeof value;
  }
}
