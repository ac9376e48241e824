import { formatMs } from '../../kernel/duration.ts';
import { localTime } from '../../kernel/zone.ts';
import type { Happened, WindowFacts } from '../facts.ts';

const longestPart = 200;

/**
 * A part that came from outside, fit for one line: control and direction-changing characters removed, at most 200
 * UTF-16 units.
 */
export function plain(text: string): string {
  return fit(
    text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069\u200E\u200F]+/gu, ' '),
    longestPart,
  );
}

/** The text, cut to so many UTF-16 units (as Telegram counts) without cutting a character in half. */
export function fit(text: string, units: number): string {
  if (text.length <= units) return text;
  const cut = text.slice(0, units - 1);
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}

/** `13 Sep 2026 10:42 WIB`, with seconds where a run is compressed and minutes say too little. */
export function moment(at: number, { zone, speed }: { zone: string; speed: number }, months: string): string {
  const { date, time, label } = localTime(at, zone);
  const [year, month, day] = date.split('-');
  const name = months.split(' ')[Number(month) - 1];
  return `${Number(day)} ${name} ${year} ${speed === 1 ? time.slice(0, 5) : time} ${label}`;
}

/** How many of the things that happened a digest tells, the newest. */
export const mostHappened = 12;

/** `10:42:05 degraded again: REST p95`. */
export function happenedLine(
  { at, kind, signal }: Happened,
  { zone }: { readonly zone: string },
  names: Readonly<Record<Happened['kind'], string>>,
): string {
  return `${localTime(at, zone).time} ${names[kind]}${signal === undefined ? '' : `: ${plain(signal)}`}`;
}

interface UnitNames {
  readonly minute: string;
  readonly hour: string;
}

/** Whole hours or minutes in words, as runbooks write them; anything else as a plain duration. */
export function inWords(ms: number, { minute, hour }: UnitNames): string {
  if (ms >= 3_600_000 && ms % 3_600_000 === 0) return `${ms / 3_600_000} ${hour}`;
  return ms >= 60_000 && ms % 60_000 === 0 ? `${ms / 60_000} ${minute}` : formatMs(ms);
}

/** `5 minutes`, or `5 minutes ÷ 30 = 10 s` where the run is compressed. */
export function windowName({ runbookMs, realMs }: WindowFacts, units: UnitNames): string {
  const name = inWords(runbookMs, units);
  return runbookMs === realMs ? name : `${name} ÷ ${Math.round(runbookMs / realMs)} = ${formatMs(realMs)}`;
}

/** `A=1, B=2`; empty for nothing. */
export function assignments(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${plain(name)}=${plain(value)}`)
    .join(', ');
}
