const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof unitMs;

/** A length of time with its unit, as in `'650ms'` or `'5m'`. A bare number does not compile. */
export type Duration = `${number}${Unit}`;

const pattern = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** Milliseconds of a duration; `undefined` where the text is not one. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit] = pattern.exec(text) ?? [];
  return amount === undefined ? undefined : Number(amount) * unitMs[unit as Unit];
}

/** Milliseconds in words a person reads at a glance: `820 ms`, `4.2 s`, `3 min 05 s`, `2 h 10 min`. */
export function formatMs(ms: number): string {
  if (ms < 1_000) return `${round(ms, ms < 10 ? 1 : 0)} ms`;
  if (ms < 60_000) return `${round(ms / 1_000, 1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

function round(value: number, digits: number): string {
  return Number(value.toFixed(digits)).toString();
}
