import type { Comparison, Condition, Statistic, Unit } from '../event/specs.ts';
import { formatMs, parseDuration } from '../kernel/duration.ts';
import { formatRatio, parsePercent } from '../kernel/percent.ts';

const pattern = /^(p\d{1,2}(?:\.\d+)?|rate|max|min|last|count) (>=|<=|==|>|<) (\S+)$/;

/** "p95 > 650ms" as data; `undefined` where the text is not a condition. */
export function parseCondition(text: string): (Condition & { readonly unit: Unit }) | undefined {
  const [, statistic, comparison, quantity] = pattern.exec(text) ?? [];
  const amount = quantity === undefined ? undefined : parseQuantity(quantity);
  if (amount === undefined) return undefined;
  return { statistic: statistic as Statistic, comparison: comparison as Comparison, ...amount };
}

function parseQuantity(text: string): { value: number; unit: Unit } | undefined {
  const ms = parseDuration(text);
  if (ms !== undefined) return { value: ms, unit: 'ms' };
  const ratio = parsePercent(text);
  if (ratio !== undefined) return { value: ratio, unit: 'ratio' };
  return /^\d+(\.\d+)?$/.test(text) ? { value: Number(text), unit: 'count' } : undefined;
}

/** A value in its unit, for people. */
export function formatValue(value: number, unit: Unit): string {
  if (Math.abs(value) === Number.MAX_VALUE) return value > 0 ? '+Inf' : '-Inf';
  if (unit === 'ms') return formatMs(value);
  return unit === 'ratio' ? formatRatio(value) : Number(value.toFixed(2)).toString();
}

const withinWords = { '>': 'at most', '>=': 'below', '<': 'at least', '<=': 'above', '==': 'not' } as const;

/** What keeps a trigger from firing, for people: "at most 650 ms". */
export function formatLimit({ comparison, value }: Condition, unit: Unit): string {
  return `${withinWords[comparison]} ${formatValue(value, unit)}`;
}

/** A value shown beside a limit: rounded, unless rounding makes it look like the limit that it is not. */
export function formatBeside(value: number, { value: limit }: Condition, unit: Unit): string {
  const text = formatValue(value, unit);
  if (value === limit || text !== formatValue(limit, unit)) return text;
  if (unit === 'ms') return `${exact(value)} ms`;
  return unit === 'ratio' ? `${exact(value * 100)}%` : exact(value);
}

// Enough digits for anything that was measured, and none of what floating point adds.
const exact = (value: number): string => Number(value.toPrecision(9)).toString();

/** "p95 > 650 ms". */
export function formatCondition(condition: Condition, unit: Unit): string {
  return `${condition.statistic} ${condition.comparison} ${formatValue(condition.value, unit)}`;
}
