const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  us: 0.001,
  µs: 0.001,
};

/** Milliseconds of a duration as k6 writes them: `1m30s`, `80ms`, or a number of milliseconds. */
export function goDuration(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !/^(\d+(\.\d+)?(ms|us|µs|s|m|h))+$/.test(value)) return undefined;
  const parts = value.matchAll(/(\d+(?:\.\d+)?)(ms|us|µs|s|m|h)/g);
  return [...parts].reduce(
    (total, [, amount, unit]) => total + Number(amount) * (unitMs[unit ?? ''] ?? 0),
    0,
  );
}

/** For k6: whole milliseconds. */
export function toGoDuration(ms: number): string {
  return `${Math.round(ms)}ms`;
}
