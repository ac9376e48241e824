/** A moment on a wall clock. */
export interface LocalTime {
  /** `2026-09-13`. */
  readonly date: string;
  /** `10:42:05`, 24 hours. */
  readonly time: string;
  /** `WIB`, `UTC`, or an offset such as `UTC+02:00`. */
  readonly label: string;
}

// The names people in Indonesia use; ICU's English data would print GMT+7.
const labels: Readonly<Record<string, string>> = {
  'Asia/Jakarta': 'WIB',
  'Asia/Pontianak': 'WIB',
  'Asia/Makassar': 'WITA',
  'Asia/Jayapura': 'WIT',
  UTC: 'UTC',
};

const formats = new Map<string, Intl.DateTimeFormat>();

/** Wall-clock time in an IANA zone; in UTC where the zone is not known. Independent of the machine's zone and locale. */
export function localTime(at: number, zone: string): LocalTime {
  const format = formatIn(zone);
  if (format === undefined) return localTime(at, 'UTC');
  const part = partsOf(format, at);
  return {
    date: `${part['year']}-${part['month']}-${part['day']}`,
    time: `${part['hour']}:${part['minute']}:${part['second']}`,
    label: labels[zone] ?? offset(part, at),
  };
}

/** Whether it is an IANA zone that is known here. */
export function isZone(zone: string): boolean {
  return formatIn(zone) !== undefined;
}

function partsOf(format: Intl.DateTimeFormat, at: number): Readonly<Record<string, string>> {
  return Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
}

function offset(part: Readonly<Record<string, string>>, at: number): string {
  const [year, month, day, hour, minute] = ['year', 'month', 'day', 'hour', 'minute'].map((name) =>
    Number(part[name]),
  );
  const wall = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute);
  const minutes = Math.round((wall - Math.floor(at / 60_000) * 60_000) / 60_000);
  const size = Math.abs(minutes);
  return `UTC${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function formatIn(zone: string): Intl.DateTimeFormat | undefined {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  try {
    const format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    formats.set(zone, format);
    return format;
  } catch {
    return undefined;
  }
}
