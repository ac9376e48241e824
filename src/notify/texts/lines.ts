import { formatMs } from '../../kernel/duration.ts';
import { localTime } from '../../kernel/zone.ts';
import type { WindowFacts } from '../facts.ts';
import type { Phrases } from './phrases.ts';

/** Longest text of a message in UTF-16 units, without the link: under 300, so that a locked screen shows it. */
export const longestText = 299;
const longestPart = 60;

/**
 * A part that came from outside, fit for one line: control and direction-changing characters removed, at most 60 UTF-16
 * units.
 */
export function plain(text: string, units = longestPart): string {
  const shown = text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069\u200E\u200F]+/gu, ' ');
  return fit(shown.trim(), units);
}

/** The text, cut to so many UTF-16 units (as Telegram counts) without cutting a character in half. */
export function fit(text: string, units: number): string {
  const whole = text.toWellFormed();
  if (whole.length <= units) return whole;
  const cut = whole.slice(0, units - 1);
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}

/** From here on a line is only said where everything before has been said in full. */
export const spareRank = 6;

/** A line of a message: what it may say, from the longest to the shortest form. */
export interface Line {
  /** 0 must be said, the others in this order while there is room; from `spareRank` on they can be spared. */
  readonly rank: number;
  readonly forms: readonly string[];
}

export const line = (rank: number, ...forms: readonly string[]): Line => ({ rank, forms });

/**
 * As many of the lines as fit, what matters more first: each in its shortest form, then each in the longest that the
 * rest leaves room for; what can be spared comes last. What must be said is there in its shortest form at least.
 */
export function arrange(lines: readonly Line[], units = longestText): string {
  const byRank = lines.filter(({ forms }) => forms.length > 0).toSorted((a, b) => a.rank - b.rank);
  const chosen = new Map<Line, string>();
  const textWith = (changed?: Line, form?: string): string =>
    lines.flatMap((each) => (each === changed ? form : chosen.get(each)) ?? []).join('\n');
  const take = (each: Line, form: string, must: boolean): boolean => {
    const taken = must || textWith(each, form).length <= units;
    if (taken) chosen.set(each, form);
    return taken;
  };
  const groups = Map.groupBy(byRank, ({ rank }) => rank >= spareRank);
  for (const group of [groups.get(false) ?? [], groups.get(true) ?? []]) {
    for (const each of group) take(each, each.forms.at(-1) ?? '', each.rank === 0);
    for (const each of group) if (chosen.has(each)) each.forms.find((form) => take(each, form, false));
  }
  return fit(textWith(), units);
}

/** `13 Sep 10:42 WIB`, with seconds where a run is compressed and minutes say too little. */
export function moment(at: number, { zone, speed }: { zone: string; speed: number }, months: string): string {
  const { date, label } = localTime(at, zone);
  const [, month, day] = date.split('-');
  return `${Number(day)} ${months.split(' ')[Number(month) - 1]} ${clock(at, { zone, speed })} ${label}`;
}

/** `10:42 WIB`. */
export const localClock = (at: number, where: { zone: string; speed: number }): string =>
  `${clock(at, where)} ${localTime(at, where.zone).label}`;

/** `10:42`, with seconds where a run is compressed. */
export function clock(at: number, { zone, speed }: { zone: string; speed: number }): string {
  return localTime(at, zone).time.slice(0, speed === 1 ? 5 : 8);
}

/** `5m`, as runbooks write windows; `5m÷30` where the run is compressed. */
export function shortWindow(runbookMs: number, speed: number): string {
  const hours = runbookMs >= 3_600_000 && runbookMs % 3_600_000 === 0;
  const minutes = runbookMs % 60_000 === 0;
  const name = hours
    ? `${runbookMs / 3_600_000}h`
    : minutes
      ? `${runbookMs / 60_000}m`
      : formatMs(runbookMs).replaceAll(' ', '');
  return speed === 1 ? name : `${name}÷${Number(speed.toFixed(2))}`;
}

/** Whole hours or minutes in words, anything else as a plain duration. */
export function inWords(ms: number, { minutes, hours }: Pick<Phrases, 'minutes' | 'hours'>): string {
  if (ms >= 3_600_000 && ms % 3_600_000 === 0) return hours(ms / 3_600_000);
  return ms >= 60_000 && ms % 60_000 === 0 ? minutes(ms / 60_000) : formatMs(ms);
}

/** `p95 820 ms, errors 2.8% (5m)`. */
export function figures(
  { p95, errors, runbookMs, lookedMs, n, least }: WindowFacts,
  {
    errors: name,
    unknown,
    unmeasured,
    tooFew,
  }: Pick<Phrases, 'errors' | 'unknown' | 'unmeasured' | 'tooFew'>,
  speed: number,
): string {
  const window = lookedMs === undefined ? shortWindow(runbookMs, speed) : shortWindow(lookedMs, 1);
  if (p95 === null && errors === null && n === 0) return `${unmeasured} (${window})`;
  if (n > 0 && n < least) return `${tooFew(n)} (${window})`;
  return `p95 ${p95 ?? unknown}, ${name} ${errors ?? unknown} (${window})`;
}

/** Every form of a list behind its label, from all of it down to the first item; the rest is counted. */
export function shorter(label: string, items: readonly string[]): readonly string[] {
  return items
    .map((_, index) => {
      const shown = items.slice(0, items.length - index);
      const rest = items.length - shown.length;
      return `${label}${shown.join(', ')}${rest === 0 ? '' : ` +${rest}`}`;
    })
    .filter((text) => text !== '');
}

/** `A=1`, one for each toggle. */
export function assignments(values: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(values).map(([name, value]) => `${plain(name)}=${plain(value)}`);
}
