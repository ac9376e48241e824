const promised: ReadonlySet<string> = new Set(['reviewAt']);

/**
 * What was remembered of an incident, with every time that lies in the future moved to now: the wall clock was set back
 * since, and a hold that begins "in an hour" would keep the incident open until then. A review date is a promise, and
 * stays. No count comes near a number that is a time in UTC milliseconds.
 */
export function notAfter<T>(now: number, remembered: T): T {
  const moved = (key: string, value: unknown): unknown =>
    typeof value === 'number' && value > now && !promised.has(key) ? now : value;
  return JSON.parse(JSON.stringify(remembered, moved)) as T;
}
